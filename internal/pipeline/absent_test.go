package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/ledger"
)

// claimsWithout are claims c1 to c20, without some.
func claimsWithout(ids ...string) string {
	var b strings.Builder
	for i := 1; i <= 20; i++ {
		if id := fmt.Sprintf("c%d", i); !slices.Contains(ids, id) {
			b.WriteString(claimLine(id, monday, "1") + "\n")
		}
	}
	return b.String()
}

// missing are those of c1 to c20 that are not in rows.
func missing(rows []string) []string {
	var out []string
	for i := 1; i <= 20; i++ {
		if id := fmt.Sprintf("c%d", i); !slices.Contains(rows, id+"|1|1.0000") {
			out = append(out, id)
		}
	}
	return out
}

// A full sync finds what the server deleted without saying so.
func TestFullSyncDeletesWhatIsAbsent(t *testing.T) {
	lake := t.TempDir()
	w := warehouse(t, lake)
	o := options(t, lake, w)
	o.Kind, o.Full = "sync", true
	half := []string{"c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "c10"}
	s := &server{}
	for _, tc := range []struct {
		name    string
		content string
		change  func(o *Options)
		want    []string // missing afterwards
	}{
		{"all", claimsWithout(), nil, nil},
		{"what changed only", claimsWithout(half...), func(o *Options) { o.Full = false }, nil},
		{"one is absent", claimsWithout("c7"), nil, []string{"c7"}},
		{"and stays so", claimsWithout("c7"), nil, []string{"c7"}},
		{"it is there again, as it was", claimsWithout(), nil, nil},
		{"another source lacks all", claimLine("x", monday, "1") + "\n", func(o *Options) { o.Source = "other" }, nil},
		{"half are absent", claimsWithout(half...), nil, nil},
		{"nothing of the type comes", "", nil, nil},
		{"one line cannot be used", claimsWithout("c7") + "{bad\n", nil, nil},
		{"half are absent, and that is right", claimsWithout(half...), func(o *Options) { o.AcceptAbsent = true }, half},
		{"they come back", claimsWithout(), nil, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := o
			if tc.change != nil {
				tc.change(&o)
			}
			began := time.Now()
			s.content = tc.content
			if _, err := Run(t.Context(), o, s); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, missing(items(t, lake))); diff != "" {
				t.Errorf("the lake: %s", diff)
			}
			if diff := cmp.Diff(tc.want, missing(w.stored(t))); diff != "" {
				t.Errorf("ClickHouse: %s", diff)
			}
			if last, err := LastFull(t.Context(), lake, o.Source); err != nil || last.After(began) != o.Full {
				t.Errorf("the last full sync was at %v, %v", last, err)
			}
		})
	}
}

// After an interruption nobody knows all lines that came, so that nothing is taken
// for absent that is not.
func TestInterruptedFullSyncDeletesNothing(t *testing.T) {
	lake := t.TempDir()
	o := options(t, lake, nil)
	o.Kind, o.Full, o.Resume = "sync", true, true
	s := &server{content: claimsWithout()}
	if _, err := Run(t.Context(), o, s); err != nil {
		t.Fatal(err)
	}
	s.content = claimsWithout("c7")
	for _, at := range []string{"load", "checkpoint", "commit", "begin promote"} {
		o.before = func(step string) error {
			if step == at {
				return errDead
			}
			return nil
		}
		if _, err := Run(t.Context(), o, s); !errors.Is(err, errDead) {
			t.Fatalf("%s: %v", at, err)
		}
	}
	o.before = nil
	if _, err := Run(t.Context(), o, s); err != nil {
		t.Fatal(err)
	}
	if got := missing(items(t, lake)); len(got) > 0 {
		t.Errorf("deleted %v", got)
	}
	if _, err := Run(t.Context(), o, s); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"c7"}, missing(items(t, lake))); diff != "" {
		t.Error(diff)
	}
}

// doubtful is a server whose batch, or whose files' ends, say that something is missing.
type doubtful struct {
	*server
	batch  func(*Batch)
	ending Ending
}

func (d doubtful) Prepare(ctx context.Context, earlier extract.Job, note func(extract.Job) error) (Batch, error) {
	b, err := d.server.Prepare(ctx, earlier, note)
	if d.batch != nil {
		d.batch(&b)
	}
	return b, err
}

func (d doubtful) Ending(string) Ending { return d.ending }

// Nothing is taken for deleted where anything says that the export may not be whole. It is
// found once it is.
func TestNothingIsAbsentWithoutProof(t *testing.T) {
	none := Ending{Announced: -1}
	for name, tc := range map[string]struct {
		more   string // lines
		batch  func(*Batch)
		ending Ending
		held   bool
	}{
		"fewer lines than the manifest announced": {"", func(b *Batch) { b.Files[0].Announced = 20 }, none, true},
		"fewer lines than a search's total":       {"", nil, Ending{Announced: 20}, true},
		"fewer bytes than announced":              {"", nil, Ending{Announced: -1, Short: "short"}, true},
		"resources of the type failed":            {"", func(b *Batch) { b.Failures = extract.Failures{Issues: 3, Types: []string{"Claim"}} }, none, true},
		"resources of some type failed":           {"", func(b *Batch) { b.Failures = extract.Failures{Issues: 3, All: true} }, none, true},
		"a line cannot be used":                   {"{bad\n", nil, none, false},
		"a line of another type":                  {`{"resourceType":"OperationOutcome","issue":[]}` + "\n", nil, none, false},
		"a file of many types with a bad line": {"", func(b *Batch) {
			b.Files = append(b.Files, File{ID: "0002", Announced: 30, Bytes: -1})
		}, none, true},
	} {
		t.Run(name, func(t *testing.T) {
			lake := t.TempDir()
			o := options(t, lake, nil)
			o.Kind, o.Full, o.Resume = "sync", true, true
			s := &server{content: claimsWithout()}
			_, err := Run(t.Context(), o, s)
			must(t, err)
			s.content = claimsWithout("c7") + tc.more
			r, err := Run(t.Context(), o, doubtful{s, tc.batch, tc.ending})
			if errors.Is(err, ErrHeld) != tc.held || !tc.held && err != nil {
				t.Fatal(err)
			}
			if tc.held { // also once somebody says that it is right
				accepted := o
				accepted.Only, accepted.Checks.Accept, accepted.Checks.By = r.Run.ID, "a test", "jane"
				r, err = Run(t.Context(), accepted, s)
				must(t, err)
			}
			if got := missing(items(t, lake)); len(got) > 0 {
				t.Errorf("deleted %v", got)
			}
			if !slices.ContainsFunc(r.Findings, func(f ledger.Finding) bool { return f.Check == "absences" && f.Grade == "warn" && f.Text != "" }) {
				t.Errorf("no finding says so: %+v", r.Findings)
			}
			s.content = claimsWithout("c7")
			_, err = Run(t.Context(), o, s)
			must(t, err)
			if diff := cmp.Diff([]string{"c7"}, missing(items(t, lake))); diff != "" {
				t.Error("once it is whole:", diff)
			}
		})
	}
}
