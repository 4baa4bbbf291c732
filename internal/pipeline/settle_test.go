package pipeline

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/claimlake/claimlake/extract"
)

// forgetful is a server that notes which exports it may forget.
type forgetful struct {
	server
	told []string
	fail bool // it cannot be told
}

func (f *forgetful) Finish(_ context.Context, job extract.Job) error {
	f.told = append(f.told, job.StatusURL)
	if f.fail {
		return errors.New("no answer")
	}
	return nil
}

// A process that dies anywhere while its run is shown leaves nothing for the next sync
// but to show it and to tell the server: what is asked next is what changed since.
func TestSyncKilledWhileItIsShownCounts(t *testing.T) {
	const status = "https://fhir.example.org/status/1"
	for _, dies := range []string{"promote in ClickHouse", "promote in the lake", "promote in the ledger", "finish"} {
		t.Run(dies, func(t *testing.T) {
			lake := t.TempDir()
			s := &forgetful{server: server{content: claimLine("1", monday, "1") + "\n"}}
			o := options(t, lake, nil)
			o.Kind, o.Resume = "sync", true
			o.before = func(step string) error {
				if step == dies {
					return errDead
				}
				return nil
			}
			if _, err := Run(t.Context(), o, s); !errors.Is(err, errDead) || len(s.told) > 0 {
				t.Fatalf("%v, told %v", err, s.told)
			}
			o.before = nil
			if err := Settle(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			if at, err := Watermark(t.Context(), lake, o.Source); err != nil || !at.Equal(time.Date(2026, 1, 7, 0, 0, 0, 0, time.UTC)) {
				t.Errorf("the watermark is %s, %v", at, err)
			}
			if got := items(t, lake); !slices.Equal(got, []string{"1|1|1.0000"}) {
				t.Errorf("rows %v", got)
			}
			o.Request = "what changed since"
			r, err := Run(t.Context(), o, s)
			if err != nil || r.Run.Number != 2 || !slices.Equal(s.told, []string{status, status}) {
				t.Errorf("run %d, %v; told %v", r.Run.Number, err, s.told)
			}
			if _, err := Run(t.Context(), o, s); err != nil || len(s.told) != 3 {
				t.Errorf("%v; told %v", err, s.told)
			}
		})
	}
}

// Nothing comes of a run that is dropped, and the server may forget its export: it is
// told, before it is asked for another, and where it cannot be told, once more.
func TestServerIsToldOfADroppedRun(t *testing.T) {
	lake := t.TempDir()
	s := &forgetful{server: server{content: claimLine("1", monday, "1") + "\n", failAt: 1}}
	o := options(t, lake, nil)
	o.Kind, o.Resume = "sync", true
	if _, err := Run(t.Context(), o, s); err == nil || len(s.told) > 0 {
		t.Fatalf("%v; told %v of an export that it goes on with", err, s.told)
	}
	s.failAt, s.fail, o.Request = 0, true, "something else"
	if _, err := Run(t.Context(), o, s); err != nil || len(s.told) != 2 {
		t.Fatalf("%v, told %v", err, s.told)
	}
	s.fail = false
	if _, err := Run(t.Context(), o, s); err != nil || len(s.told) != 4 { // the second run's once more, its own
		t.Fatalf("%v, told %v", err, s.told)
	}
	if _, err := Run(t.Context(), o, s); err != nil || len(s.told) != 5 {
		t.Fatalf("%v, told %v", err, s.told)
	}
}
