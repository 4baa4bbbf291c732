package parquet

import "testing"

func TestLinesWithin(t *testing.T) {
	s := lineSet{}
	s.add(origin{"run", "a"}, 1)
	for _, later := range []int64{3, 64, 200} {
		s.add(origin{"run", "b"}, later)
	}
	s.add(origin{"other", "a"}, 50)
	for name, tc := range map[string]struct {
		run         string
		first, last int64
		want        bool
	}{
		"the line itself":                     {"run", 1, 1, true},
		"of any file of the run":              {"run", 3, 3, true},
		"of a file whose first line is later": {"run", 0, 2, true},
		"between lines":                       {"run", 4, 63, false},
		"in a later word":                     {"run", 65, 200, true},
		"of another run":                      {"run", 50, 50, false},
		"after all":                           {"run", 201, 1 << 40, false},
		"of a run that lost nothing":          {"none", 0, 1 << 40, false},
	} {
		for range 50 { // files come in any order
			if got := s.within(tc.run, tc.first, tc.last); got != tc.want {
				t.Fatalf("%s: %v", name, got)
			}
		}
	}
}
