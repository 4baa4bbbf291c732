package parquet

import "github.com/apache/arrow/go/v17/arrow"

// tableWriter is the part of one table that is being written.
type tableWriter struct {
	layout *layout
	chunks []*chunk
	rows   int // of the row group at hand
	held   int // bytes
	file   *file
	path   string // of file, relative to the lake
}

func newTableWriter(l *layout) *tableWriter {
	t := &tableWriter{layout: l}
	t.free()
	return t
}

// free begins anew with empty columns.
func (t *tableWriter) free() {
	t.chunks, t.held = nil, 0
	for i := range t.layout.leaves {
		t.chunks = append(t.chunks, newChunk(&t.layout.leaves[i]))
	}
}

func (t *tableWriter) add(rec arrow.Record) error {
	for i, c := range t.chunks {
		if err := c.add(rec.Column(i)); err != nil {
			return err
		}
	}
	t.held = t.size()
	t.rows += int(rec.NumRows())
	return nil
}

// size is the memory that the columns hold, in bytes.
func (t *tableWriter) size() (held int) {
	for _, c := range t.chunks {
		held += c.held()
	}
	return held
}
