package parquet

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
)

// One flipped bit anywhere in a part is an error, or nothing that matters (a
// part's description, say), and never a panic.
func TestFlippedBits(t *testing.T) {
	whole, err := os.ReadFile(onePart(t, everyType()).file.Name())
	must(t, err)
	r, found := rand.New(rand.NewPCG(1, 1)), 0
	path := filepath.Join(t.TempDir(), "part.parquet")
	for range 2000 {
		damaged := append([]byte(nil), whole...)
		damaged[r.IntN(len(damaged))] ^= 1 << r.IntN(8)
		must(t, os.WriteFile(path, damaged, 0o600))
		err := withPart(path, func(p *partFile) error {
			_, err := p.appendHashes(nil, func(string, string, string) bool { return true })
			for _, g := range p.parts.RowGroups() {
				err = errors.Join(err, p.groupBatches(t.Context(), g, everyType(), everyRun, func(arrow.Record) error { return nil }))
			}
			return errors.Join(err, p.copies(func(string) (uint32, error) { return 1, nil }, func(origin) int32 { return 0 }, func(uint64, resource, rival) {}))
		})
		if err != nil {
			found++
		}
	}
	if found < 300 {
		t.Errorf("of 2,000 flipped bits %d were found", found)
	}
}
