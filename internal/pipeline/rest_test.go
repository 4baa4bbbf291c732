package pipeline

import (
	"net/http"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/fhirtest"
	"github.com/claimlake/claimlake/internal/lineage"
)

// What was loaded of a file before an interruption is not asked for again, where the
// server can send the rest. Else it is read again, and compared.
func TestInterruptedFileGoesOnInside(t *testing.T) {
	const claims = 8*lineage.MaxPageLines + 11
	var lines []string
	for i := range claims {
		lines = append(lines, claimLine("c"+strconv.Itoa(i), monday, "1"))
	}
	for _, kind := range wireKinds() {
		t.Run(kind.name, func(t *testing.T) {
			in := t.TempDir()
			write(t, filepath.Join(in, "Claim.ndjson"), lines...)
			o := kind.server
			o.Dir, o.Faults = in, nil
			m := &matrixRun{lake: t.TempDir(), export: extract.Export{Level: extract.System, Types: []string{"Claim"}}, log: &lockedBuffer{}}
			m.server = startBulkServer(t, o)
			m.options = options(t, m.lake, nil)
			m.options.Kind, m.options.Resume, m.options.Workers, m.options.Files = "sync", true, 1, 1
			deaths := 0
			m.options.before = func(step string) error {
				if step == "load" && deaths == 0 {
					m.server.SetFaults(fhirtest.Fault{Kind: fhirtest.File, Attempt: 1, CutAt: cutIn(o)}, fhirtest.Fault{Kind: fhirtest.File, Status: http.StatusBadRequest})
					deaths++
				} else if step == "load" {
					m.server.SetFaults()
				}
				return nil
			}
			if err := m.sync(t); err == nil {
				t.Fatal("half a file was no error")
			}
			before := len(m.server.Requests())
			if err := m.sync(t); err != nil {
				t.Fatal(err)
			}
			if n := len(items(t, m.lake)); n != claims {
				t.Errorf("%d rows of %d", n, claims)
			}
			var ranges []string
			for _, r := range m.server.Requests()[before:] {
				if r.Kind == fhirtest.File {
					ranges = append(ranges, r.Range)
				}
			}
			inside := o.NoGzip && !o.Chunked
			if len(ranges) != 1 || (ranges[0] != "") != inside {
				t.Errorf("files asked for with ranges %q", ranges)
			}
		})
	}
}

// cutIn is a place inside the file of the test, encoded.
func cutIn(o fhirtest.Options) int64 {
	if o.NoGzip {
		return 1_500_000
	}
	return 60_000
}
