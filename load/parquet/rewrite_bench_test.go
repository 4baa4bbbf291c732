package parquet

import (
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// BenchmarkRewrite rewrites a part of 200,000 rows without one of them.
func BenchmarkRewrite(b *testing.B) {
	s := eobItems()
	l, err := Open(b.TempDir())
	must(b, err)
	run, err := l.Begin("run-1", 1, []*arrow.Schema{s})
	must(b, err)
	w := run.NewWriter()
	for i := range 4 {
		rec := buildBatch(b, s, func(rb *array.RecordBuilder) { fillItems(b, rb, 5000, rand.New(rand.NewPCG(1, uint64(i)))) })
		must(b, w.Write(rec))
		rec.Release()
	}
	parts, err := w.Flush()
	must(b, err)
	p := openPart(b, l.abs(parts[0].Path))
	var keep [][]bool
	for _, g := range p.parts.RowGroups() {
		flags := make([]bool, g.NumRows())
		for i := range flags {
			flags[i] = i > 0
		}
		keep = append(keep, flags)
	}
	target := filepath.Join(b.TempDir(), "copy.parquet")
	for b.Loop() {
		_, err := p.rewrite(target, keep)
		must(b, err)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(parts[0].Rows)/float64(s.NumFields()), "ns/value")
}
