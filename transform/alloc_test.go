//go:build !race

package transform

import (
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/claimlake/claimlake/internal/lineage"
)

// The race detector allocates too, so these counts are for builds without it.

// A line costs no allocation once buffers have grown.
func TestScanDoesNotAllocate(t *testing.T) {
	data := []byte(eobLines(50))
	f := eobPlan(t).NewFlattener(memory.DefaultAllocator)
	scanOnly(f, data)
	// The page, the result and its map are one each.
	if n := testing.AllocsPerRun(10, func() { scanOnly(f, data) }); n > 6 {
		t.Errorf("%v allocations for 50 lines", n)
	}
}

// A page costs the same few allocations whatever its number of lines.
func TestFlattenDoesNotAllocateByLine(t *testing.T) {
	f := eobPlan(t).NewFlattener(memory.DefaultAllocator)
	count := func(lines int) float64 {
		page := lineage.Page{First: 1, Data: []byte(eobLines(lines))}
		return testing.AllocsPerRun(5, func() {
			r, err := f.Flatten(page)
			if err != nil {
				t.Fatal(err)
			}
			r.Release()
		})
	}
	few, many := count(20), count(220)
	if perLine := (many - few) / 200; perLine > 1 {
		t.Errorf("%.1f allocations per line (%v for 20 lines, %v for 220)", perLine, few, many)
	}
}
