package transform

import (
	"bytes"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/claimlake/claimlake/internal/lineage"
)

func BenchmarkFlatten(b *testing.B) {
	data := []byte(eobLines(1000))
	f := eobPlan(b).NewFlattener(memory.DefaultAllocator)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		r, err := f.Flatten(lineage.Page{Origin: origin(), First: 1, Data: data})
		if err != nil || len(r.Rejects) > 0 {
			b.Fatal(err, r.Rejects)
		}
		r.Release()
	}
}

// BenchmarkScan is the scan alone: lines to spans.
func BenchmarkScan(b *testing.B) {
	data := []byte(eobLines(1000))
	f := eobPlan(b).NewFlattener(memory.DefaultAllocator)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		scanOnly(f, data)
	}
}

// scanOnly scans lines without converting values.
func scanOnly(f *Flattener, data []byte) {
	f.page = &lineage.Page{Data: data}
	f.result = &Result{Resources: map[string]int64{}}
	f.chunk.page = data
	for start := 0; start < len(data); {
		end := start + bytes.IndexByte(data[start:], '\n')
		f.line(1, start, end)
		start = end + 1
		f.scan.empty()
		f.chunk.reset()
		for _, l := range f.ordered {
			l.forget(0)
		}
	}
}
