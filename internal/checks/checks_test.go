package checks

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// short is what a test compares: grade, check and subject.
func short(found []Finding) (list []string) {
	for _, f := range found {
		list = append(list, strings.TrimSpace(f.Grade+" "+f.Check+" "+f.Subject))
		if f.Text == "" {
			list = append(list, "no text")
		}
	}
	return list
}

func TestChecksOfOneRun(t *testing.T) {
	for name, tc := range map[string]struct {
		got  []Finding
		want []string
	}{
		"all as announced":           {Announced([]File{{ID: "1", Announced: 3, Lines: 3}, {ID: "2", Announced: -1, Lines: 7}}), nil},
		"fewer lines":                {Announced([]File{{ID: "1", Announced: 3, Lines: 2}}), []string{"fail announced 1"}},
		"fewer lines, as allowed":    {Announced([]File{{ID: "1", Announced: 100, Lines: 90, MaxShort: 0.1}}), []string{"warn announced 1"}},
		"fewer lines than allowed":   {Announced([]File{{ID: "1", Announced: 100, Lines: 89, MaxShort: 0.1}}), []string{"fail announced 1"}},
		"no line, as allowed":        {Announced([]File{{ID: "1", Announced: 3, MaxShort: 1}}), []string{"warn announced 1"}},
		"fewer bytes, as lines may":  {Announced([]File{{ID: "1", Announced: 3, Lines: 3, Short: "bytes", MaxShort: 1}}), []string{"fail announced 1"}},
		"fewer of both":              {Announced([]File{{ID: "1", Announced: 3, Lines: 2, Short: "bytes", MaxShort: 1}}), []string{"fail announced 1"}},
		"more lines":                 {Announced([]File{{ID: "1", Announced: 3, Lines: 4}}), []string{"warn announced 1"}},
		"headers, which are counted": {Announced([]File{{ID: "1", Announced: 5, Lines: 3, Other: 2}}), nil},
		"headers, which are not":     {Announced([]File{{ID: "1", Announced: 3, Lines: 3, Other: 2}}), nil},
		"fewer lines, and headers":   {Announced([]File{{ID: "1", Announced: 4, Lines: 3, Other: 2}}), []string{"fail announced 1"}},
		"fewer Bundles of deletions": {Deletions([]File{{ID: "1", Announced: 4, Lines: 3}, {ID: "2", Announced: 1, Lines: 3}}), []string{"warn announced 1"}},
		"fewer bytes of deletions":   {Deletions([]File{{ID: "1", Announced: -1, Lines: 3, Short: "bytes"}}), []string{"fail announced 1"}},
		"fewer bytes":                {Announced([]File{{ID: "1", Announced: -1, Lines: 3, Short: "bytes"}}), []string{"fail announced 1"}},
		"no bad line":                {Rejected([]File{{Type: "Claim", Lines: 10}}, 0.1), nil},
		"a bad line":                 {Rejected([]File{{Type: "Claim", Lines: 5}, {Type: "Claim", Lines: 5, Rejected: 1}}, 0.1), []string{"warn rejected Claim"}},
		"too many, of one type":      {Rejected([]File{{Type: "Claim", Lines: 10, Rejected: 2}, {Type: "Patient", Lines: 100}}, 0.1), []string{"fail rejected Claim"}},
		"a type that did not come":   {Missing([]string{"Claim"}, true), []string{"warn missing_type Claim"}},
		"and need not":               {Missing([]string{"Claim"}, false), []string{"info missing_type Claim"}},
		"the first patients":         {NewPatients(1000, 0), nil},
		"some new patients":          {NewPatients(20, 100), nil},
		"many new patients":          {NewPatients(21, 100), []string{"warn new_patients Patient"}},
	} {
		if got := short(tc.got); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func TestVolume(t *testing.T) {
	monday := time.Date(2026, 1, 5, 2, 0, 0, 0, time.UTC)
	// days are runs on the days before, with counts of claims, the latest first.
	days := func(counts ...int64) (past []Past) {
		for i, n := range counts {
			past = append(past, Past{monday.AddDate(0, 0, -i-1), map[string]int64{"Claim": n}})
		}
		return past
	}
	weekly := func(mondays, others int64) (past []Past) {
		for i := range int64(28) {
			n := others
			if (i+1)%7 == 0 {
				n = mondays
			}
			past = append(past, Past{monday.AddDate(0, 0, -int(i)-1), map[string]int64{"Claim": n + i%3}})
		}
		return past
	}
	for name, tc := range map[string]struct {
		now  int64
		past []Past
		full bool
		want []string
	}{
		"nothing to compare with":                {0, days(100, 100), true, nil},
		"as usual":                               {104, days(100, 98, 103, 101), false, nil},
		"small numbers differ":                   {30, days(2, 5, 1, 3), false, nil},
		"far more":                               {900, days(100, 98, 103, 101), false, []string{"warn volume Claim"}},
		"none, of a part":                        {0, days(100, 98, 103, 101), false, []string{"warn volume Claim"}},
		"none, of all":                           {0, days(100, 98, 103, 101), true, []string{"fail volume Claim"}},
		"less than half, of all":                 {49, days(100, 98, 103, 101), true, []string{"fail volume Claim"}},
		"three quarters, of all":                 {750, days(1000, 998, 1003, 1001), true, nil},
		"a Monday like Mondays":                  {5000, weekly(5000, 100), false, nil},
		"a Monday like other days":               {100, weekly(5000, 100), false, []string{"warn volume Claim"}},
		"one odd run before does not move usual": {100, days(100, 90000, 98, 103), false, nil},
	} {
		got := Volume(map[string]int64{"Claim": tc.now, "New": 7}, monday, tc.past, tc.full, 0.5)
		if s := short(got); !slices.Equal(s, tc.want) {
			t.Errorf("%s: %q, want %q: %s", name, s, tc.want, fmt.Sprint(got))
		}
	}
}

// What was not read is named, as far as a person reads a list, and counted beyond.
func TestUnread(t *testing.T) {
	files := []UnreadFile{{Path: "part-0", Why: "x", Data: true}}
	for range maxUnread + 3 {
		files = append(files, UnreadFile{Path: "readme", Why: "y"})
	}
	got := short(Unread(files))
	if len(got) != maxUnread+2 || got[0] != "warn left_out part-0" || got[1] != "info left_out readme" || got[len(got)-1] != "info left_out 3 others" {
		t.Errorf("%d: %q", len(got), got)
	}
	if got := short(append(ErrorOutcomes(0), ErrorOutcomes(2)...)); !slices.Equal(got, []string{"fail outcomes"}) {
		t.Errorf("%q", got)
	}
}

// Files of the same bytes are a failure, unless they are a single line or nobody knows.
func TestRepeatedFiles(t *testing.T) {
	for name, tc := range map[string]struct {
		files []File
		want  int
	}{
		"each has its own":       {[]File{{ID: "1", Lines: 9, SHA256: "a"}, {ID: "2", Lines: 9, SHA256: "b"}}, 0},
		"one came twice":         {[]File{{ID: "1", Lines: 9, SHA256: "a"}, {ID: "2", Lines: 9, SHA256: "b"}, {ID: "3", Lines: 9, SHA256: "a"}}, 1},
		"one came for all":       {[]File{{ID: "1", Lines: 9, SHA256: "a"}, {ID: "2", Lines: 9, SHA256: "a"}, {ID: "3", Lines: 9, SHA256: "a"}}, 2},
		"a single line":          {[]File{{ID: "1", Lines: 1, SHA256: "a"}, {ID: "2", Lines: 1, SHA256: "a"}}, 0},
		"nothing in both":        {[]File{{ID: "1", SHA256: "a"}, {ID: "2", SHA256: "a"}}, 0},
		"read from their middle": {[]File{{ID: "1", Lines: 9}, {ID: "2", Lines: 9}}, 0},
	} {
		if got := Repeated(tc.files); len(got) != tc.want || tc.want > 0 && got[0].Grade != Fail {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
