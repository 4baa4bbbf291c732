package audit

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/claimlake/claimlake/internal/durable"
	"github.com/claimlake/claimlake/internal/durable/durabletest"
)

// Whenever the power fails while a trail is pruned, it is verified and goes on; and what
// was said to be pruned does not come back.
func TestPruneSurvivesPowerLoss(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "audit")
	trail := open(t, dir)
	record(t, trail, 3)
	for _, name := range []string{"audit-000002.jsonl", "audit-000003.jsonl"} { // as large files would begin them
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		record(t, trail, 2)
	}
	trail.now = func() time.Time { return time.Now().AddDate(7, 0, 0) }
	if err := os.WriteFile(filepath.Join(dir, "audit-000004.jsonl"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	record(t, trail, 2)
	recorder := durabletest.Record(root)
	if n, err := trail.Prune(6, time.Now().AddDate(6, 0, 1)); err != nil || n != 7 {
		t.Fatalf("%d events pruned, %v", n, err)
	}
	recorder.Mark("pruned")
	for c := range durabletest.Crashes(recorder.Stop(), 3) {
		root := t.TempDir()
		if err := c.Write(root); err != nil {
			t.Fatal(err)
		}
		dir := filepath.Join(root, "audit")
		if _, err := Verify(dir, "", ""); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
		if files, err := filesOf(dir); err != nil || len(c.Marks) > 0 && len(files) != 1 {
			t.Errorf("%s: %d files, %v", c.Name, len(files), err)
		}
		record(t, open(t, dir), 1)
		if _, err := Verify(dir, "", ""); err != nil {
			t.Errorf("%s: then: %v", c.Name, err)
		}
	}
}

// dying is a process that ends before an event of its is synced.
type dying struct {
	*durabletest.Recorder
	armed bool
}

func (d *dying) Before(op durable.Op) error {
	if d.armed && op.Kind == durable.Synced && filepath.Ext(op.Path) == ".jsonl" {
		d.armed = false
		panic(d)
	}
	return nil
}

// An event that a process wrote and did not sync, since it died, is durable once somebody
// else has a mark of it: then power loss must not make the trail a shorter one.
func TestMarkedEventSurvivesPowerLoss(t *testing.T) {
	for _, before := range []int{0, 2} { // events
		root := t.TempDir()
		dir := filepath.Join(root, "audit")
		d := &dying{}
		stop := durable.Watch(root, d)
		d.Recorder = durabletest.Record(root)
		trail := open(t, dir)
		record(t, trail, before)
		func() {
			defer func() { _ = recover() }()
			d.armed = true
			record(t, trail, 1)
			t.Fatal("nobody died")
		}()
		mark, err := open(t, dir).Mark()
		if err != nil || mark.Seq != int64(before+1) {
			t.Fatalf("mark %+v, %v", mark, err)
		}
		d.Mark("marked")
		stop()
		for c := range durabletest.Crashes(d.Stop(), 2) {
			root := t.TempDir()
			if err := c.Write(root); err != nil {
				t.Fatal(err)
			}
			if err := Has(filepath.Join(root, "audit"), mark); err != nil && len(c.Marks) > 0 {
				t.Errorf("%d events before, %s: %v", before, c.Name, err)
			}
		}
	}
}
