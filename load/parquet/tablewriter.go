package parquet

import "github.com/apache/arrow/go/v17/arrow"

// tableWriter is the part of one table that is being written.
type tableWriter struct {
	layout  *layout
	chunks  []*chunk
	scratch *scratch
	rows    int // of the current row group
	held    int // bytes
	loose   int // bytes that shrink frees
	file    *file
	path    string // of file, relative to the lake
}

func newTableWriter(l *layout, s *scratch) *tableWriter {
	t := &tableWriter{layout: l, scratch: s}
	t.free()
	return t
}

// free begins again with empty columns.
func (t *tableWriter) free() {
	t.chunks, t.held, t.loose = nil, 0, 0
	for i := range t.layout.leaves {
		t.chunks = append(t.chunks, newChunk(&t.layout.leaves[i], t.scratch))
	}
}

func (t *tableWriter) add(rec arrow.Record) error {
	for i, c := range t.chunks {
		if err := c.add(rec.Column(i)); err != nil {
			return err
		}
	}
	t.measure()
	t.rows += int(rec.NumRows())
	return nil
}

// minShrunk is how many bytes of a current page are worth an end of the page.
const minShrunk = 4 << 10

// shrink ends the pages of columns that have some memory in them.
func (t *tableWriter) shrink() error {
	for _, c := range t.chunks {
		if c.loose() >= minShrunk {
			if err := c.shrink(); err != nil {
				return err
			}
		}
	}
	t.measure()
	return nil
}

// measure looks at the memory that is held.
func (t *tableWriter) measure() {
	t.held, t.loose = 0, 0
	for _, c := range t.chunks {
		t.held += c.held()
		if n := c.loose(); n >= minShrunk {
			t.loose += n
		}
	}
}
