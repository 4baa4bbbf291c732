package pipeline

import (
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// A line may delete several resources, and one of them twice. Each deletion counts for
// itself: where a later copy of one is loaded, the others stay deleted, also when an
// older copy comes again, and both stores show the same.
func TestDeletionsOfOneLine(t *testing.T) {
	const january, february, march, april = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"
	a, b := claimLine("a", january, "1"), claimLine("b", march, "2")
	lake := t.TempDir()
	w := warehouse(t, lake)
	o := options(t, lake, w)
	for _, step := range []struct {
		does, at, line string
		want           []string
	}{
		{"both are loaded", march, a + "\n" + b, []string{"a|1|1.0000", "b|1|2.0000"}},
		{"a line deletes both, after a and before b", february, deletionOf("a", "b"), []string{"b|1|2.0000"}},
		{"the copy that was deleted comes again", april, a, []string{"b|1|2.0000"}},
		{"a line deletes one twice", april, deletionOf("b", "b"), nil},
		{"another run comes after that", april, claimLine("c", april, "3"), []string{"c|1|3.0000"}},
		{"what was deleted comes again", april, a + "\n" + b, []string{"c|1|3.0000"}},
	} {
		at, err := time.Parse(time.RFC3339, step.at)
		must(t, err)
		files, err := OpenLocal([]string{write(t, filepath.Join(t.TempDir(), "in.ndjson"), step.line)}, nil, at)
		must(t, err)
		if _, err := Run(t.Context(), o, files); err != nil {
			t.Fatalf("%s: %v", step.does, err)
		}
		if got, stored := items(t, lake), w.stored(t); !slices.Equal(got, step.want) || !slices.Equal(stored, step.want) {
			t.Fatalf("%s: the lake has %v, ClickHouse %v, want %v", step.does, got, stored, step.want)
		}
	}
}
