package pipeline

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// lacking is a claim of which the server left out elements.
func lacking(updated, net string) string {
	return strings.Replace(claimLine("1", updated, net), `"meta":{`, `"meta":{"tag":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}],`, 1)
}

// What lacks elements never replaces what is complete, in no order and no store, and
// is replaced by it.
func TestSubsettedNeverReplacesComplete(t *testing.T) {
	if !strings.Contains(lacking(monday, "1"), "SUBSETTED") {
		t.Fatal("the line has no tag")
	}
	for name, tc := range map[string]struct {
		lines []string // of a run each
		want  string
	}{
		"a later one that lacks elements":    {[]string{claimLine("1", monday, "1"), lacking(tuesday, "2")}, "1|1|1.0000"},
		"an earlier one that lacks elements": {[]string{lacking(tuesday, "2"), claimLine("1", monday, "1")}, "1|1|1.0000"},
		"both lack elements":                 {[]string{lacking(monday, "1"), lacking(tuesday, "2")}, "1|1|2.0000"},
		"a complete one after both":          {[]string{claimLine("1", monday, "1"), lacking(tuesday, "2"), claimLine("1", tuesday, "3")}, "1|1|3.0000"},
		"both in one file":                   {[]string{lacking(tuesday, "2") + "\n" + claimLine("1", monday, "1")}, "1|1|1.0000"},
	} {
		t.Run(name, func(t *testing.T) {
			lake := t.TempDir()
			w := warehouse(t, lake)
			o, s := options(t, lake, w), &server{}
			o.Kind = "sync"
			for _, line := range tc.lines {
				s.content = line + "\n"
				if _, err := Run(t.Context(), o, s); err != nil {
					t.Fatal(err)
				}
			}
			if got, stored := items(t, lake), w.stored(t); !slices.Equal(got, []string{tc.want}) || !slices.Equal(stored, got) {
				t.Errorf("the lake has %q, ClickHouse %q", got, stored)
			}
		})
	}
}

// A sync of some elements is refused where complete copies are loaded, and is a sync
// like any other elsewhere.
func TestSyncOfSomeElements(t *testing.T) {
	lake := t.TempDir()
	o, s := options(t, lake, nil), &server{content: claimLine("1", monday, "1") + "\n"}
	o.Kind = "sync"
	if _, err := Run(t.Context(), o, s); err != nil {
		t.Fatal(err)
	}
	o.Subset = true
	if _, err := Run(t.Context(), o, s); !errors.Is(err, ErrSubset) || !strings.Contains(err.Error(), "source.name") {
		t.Errorf("over complete copies: %v", err)
	}
	o.Source = "other"
	for _, net := range []string{"2", "3"} {
		s.content = lacking(map[string]string{"2": monday, "3": tuesday}[net], net) + "\n"
		if r, err := Run(t.Context(), o, s); err != nil || !r.Run.Subset {
			t.Fatalf("%+v, %v", r.Run, err)
		}
	}
	if got := items(t, lake); !slices.Equal(got, []string{"1|1|1.0000", "1|1|3.0000"}) {
		t.Errorf("rows %q", got)
	}
	o.Subset = false // and now all of it
	s.content = claimLine("1", tuesday, "4") + "\n"
	if _, err := Run(t.Context(), o, s); err != nil {
		t.Fatal(err)
	}
	if got := items(t, lake); !slices.Equal(got, []string{"1|1|1.0000", "1|1|4.0000"}) {
		t.Errorf("rows %q", got)
	}
}
