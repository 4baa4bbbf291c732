package pipeline

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func deletionOf(ids ...string) string {
	var entries []string
	for _, id := range ids {
		entries = append(entries, `{"request":{"method":"DELETE","url":"Claim/`+id+`"}}`)
	}
	return `{"resourceType":"Bundle","type":"transaction","entry":[` + strings.Join(entries, ",") + `]}`
}

// Deletions of local files count as those of an export do: at the time of the export.
func TestLocalDeletions(t *testing.T) {
	const january, february, march = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"
	a, b := claimLine("a", january, "1"), claimLine("b", march, "2")
	for name, tc := range map[string]struct {
		at   string // --transaction-time
		note string // export.json of the folder
		want []string
		err  string
	}{
		"now":                            {want: nil},
		"at the time of an export":       {at: february, want: []string{"b|1|2.0000"}},
		"before all of it":               {at: "2025-01-01T00:00:00Z", want: []string{"a|1|1.0000", "b|1|2.0000"}},
		"of an export that was kept":     {note: `{"statusUrl":"https://x","done":true,"transactionTime":"` + february + `"}`, want: []string{"b|1|2.0000"}},
		"of one that was kept, and said": {at: march, note: `{"statusUrl":"https://x","done":true,"transactionTime":"` + february + `"}`, want: nil},
		"of an unfinished one":           {note: `{"statusUrl":"https://x"}`, err: "go on with claimlake export"},
		"of somebody else's":             {note: `{"anything":1}`, want: nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			o := options(t, filepath.Join(dir, "lake"), nil)
			if _, err := flatten(t, o, write(t, filepath.Join(dir, "in.ndjson"), a, b)); err != nil {
				t.Fatal(err)
			}
			folder := filepath.Join(dir, "export")
			must(t, os.Mkdir(folder, 0o700))
			write(t, filepath.Join(folder, "deleted-000001.ndjson"), deletionOf("a", "b"), deletionOf("never-seen"))
			if tc.note != "" {
				write(t, filepath.Join(folder, savedFile), tc.note)
				write(t, filepath.Join(folder, "outcome-000001.ndjson"), `{"resourceType":"OperationOutcome"}`)
			}
			var at time.Time
			if tc.at != "" {
				var err error
				at, err = time.Parse(time.RFC3339, tc.at)
				must(t, err)
			}
			files, err := OpenLocal([]string{folder}, nil, at)
			if tc.err != "" {
				if err == nil || !strings.Contains(err.Error(), tc.err) {
					t.Errorf("%v, want %q", err, tc.err)
				}
				return
			}
			must(t, err)
			report, err := Run(t.Context(), o, files)
			if rejected := report.Counts.Rejected; err != nil || rejected != 0 && !strings.Contains(name, "somebody") {
				t.Errorf("%d rejected, %v", rejected, err)
			}
			if got := items(t, o.Lake); !slices.Equal(got, tc.want) {
				t.Errorf("rows %v, want %v", got, tc.want)
			}
		})
	}
}

// Folders of two exports have no common time.
func TestTwoExportsAreLoadedOneByOne(t *testing.T) {
	dir := t.TempDir()
	var folders []string
	for _, at := range []string{"2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"} {
		folder := filepath.Join(dir, at)
		must(t, os.Mkdir(folder, 0o700))
		write(t, filepath.Join(folder, savedFile), `{"statusUrl":"https://x","done":true,"transactionTime":"`+at+`"}`)
		folders = append(folders, folder)
	}
	if _, err := OpenLocal(folders, nil, time.Time{}); err == nil || !strings.Contains(err.Error(), "one after the other") {
		t.Error(err)
	}
}
