package parquet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	pq "github.com/parquet-go/parquet-go"
)

// broken is a column whose pages stop with an error after the first.
type broken struct {
	pq.ColumnChunk
	err error
}

func (b broken) Pages() pq.Pages { return &brokenPages{b.ColumnChunk.Pages(), b.err, 0} }

type brokenPages struct {
	pq.Pages
	err  error
	read int
}

func (p *brokenPages) ReadPage() (pq.Page, error) {
	if p.read++; p.read > 1 && p.err != nil {
		return nil, p.err
	}
	return p.Pages.ReadPage()
}

// A column ends once all its values came, whatever a reader of it says.
func TestColumnThatStopsTooSoon(t *testing.T) {
	var file bytes.Buffer
	w := pq.NewGenericWriter[struct{ N int64 }](&file, pq.PageBufferSize(64))
	for i := range 100 {
		if _, err := w.Write([]struct{ N int64 }{{int64(i)}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := pq.OpenFile(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct{ err, want error }{
		"it does not":                {nil, nil},
		"io.EOF":                     {io.EOF, io.ErrUnexpectedEOF},
		"an error that wraps io.EOF": {fmt.Errorf("read: %w", io.EOF), io.ErrUnexpectedEOF},
		"an error":                   {io.ErrClosedPipe, io.ErrClosedPipe},
	} {
		n := 0
		err := eachValue(broken{f.RowGroups()[0].ColumnChunks()[0], tc.err}, func(pq.Value) { n++ })
		if !errors.Is(err, tc.want) || tc.want == nil && (err != nil || n != 100) {
			t.Errorf("%s: %d values, %v", name, n, err)
		}
	}
}
