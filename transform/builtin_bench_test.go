package transform_test

import (
	"bytes"
	"testing"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/synth"
	"github.com/claimlake/claimlake/schemas"
	"github.com/claimlake/claimlake/transform"
)

// BenchmarkBuiltin flattens synthetic ExplanationOfBenefits by the built-in
// mappings: all columns that claimlake has.
func BenchmarkBuiltin(b *testing.B) {
	mappings, err := schemas.Builtin()
	if err != nil {
		b.Fatal(err)
	}
	plan, err := transform.Compile(mappings)
	if err != nil {
		b.Fatal(err)
	}
	var data bytes.Buffer
	if err := synth.EOBs(&data, 32<<20, 1); err != nil {
		b.Fatal(err)
	}
	f := plan.NewFlattener(transform.NewPool())
	b.SetBytes(int64(data.Len()))
	b.ReportAllocs()
	for b.Loop() {
		flattenPages(b, f, data.Bytes())
	}
}

// flattenPages flattens data in pages of a usual size.
func flattenPages(b *testing.B, f *transform.Flattener, data []byte) {
	for len(data) > 0 {
		n := min(len(data), lineage.MaxPageBytes)
		n = bytes.LastIndexByte(data[:n], '\n') + 1
		r, err := f.Flatten(lineage.Page{First: 1, Data: data[:n]})
		if err != nil || len(r.Rejects) > 0 {
			b.Fatal(err, r.Rejects)
		}
		r.Release()
		data = data[n:]
	}
}
