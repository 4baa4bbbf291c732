package parquet

import (
	"cmp"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	pq "github.com/parquet-go/parquet-go"
)

// rewrite writes the rows of p that keep says of to path, and no file when
// there are none, and gives its SHA-256. keep holds a flag a row for each row group.
func (p *partFile) rewrite(path string, keep [][]bool) (sum string, err error) {
	l, err := layoutOf(p.schema)
	if err != nil {
		return "", err
	}
	t := newTableWriter(&l, &scratch{})
	for i := range p.parts.RowGroups() {
		if !anyOf(keep[i]) {
			continue
		}
		if t.file == nil {
			if t.file, err = create(path); err != nil {
				return "", err
			}
		}
		err := p.cutGroup(i, t, keep[i])
		if err == nil {
			err = t.file.writeGroup(t.chunks)
		}
		if err != nil {
			t.file.abandon()
			return "", err
		}
	}
	if t.file == nil {
		return "", nil
	}
	part, err := t.file.close(&l, p.runName())
	return part.SHA256, err
}

// runName is what the file says of its rows' run.
func (p *partFile) runName() string { return cmp.Or(p.runID, severalRuns) }

func anyOf(flags []bool) bool {
	for _, f := range flags {
		if f {
			return true
		}
	}
	return false
}

// cutGroup makes the kept rows of row group n a row group, column by column.
func (p *partFile) cutGroup(n int, t *tableWriter, keep []bool) error {
	columns := p.parts.Metadata().RowGroups[n].Columns
	for i, column := range p.parts.RowGroups()[n].ColumnChunks() {
		c := t.chunks[i]
		done, err := c.cut(p, column, &columns[i].MetaData, keep)
		if err == nil && !done {
			err = c.copy(column, keep)
		}
		if err != nil {
			return fmt.Errorf("copy column %s: %w", c.leaf.field.Name, err)
		}
	}
	return nil
}

// copyGroup appends the rows of a row group to the current one, column by column.
func (p *partFile) copyGroup(g pq.RowGroup, t *tableWriter) error {
	keep := all(int(g.NumRows()))
	for i, column := range g.ColumnChunks() {
		if err := t.chunks[i].copy(column, keep); err != nil {
			return fmt.Errorf("copy column %s: %w", t.chunks[i].leaf.field.Name, err)
		}
	}
	return nil
}

// copy appends the kept rows of a column.
func (c *chunk) copy(column pq.ColumnChunk, keep []bool) error {
	return eachKept(column, keep, func(page pq.Page, keep []bool) error {
		a, err := keptRows(page, c.leaf, keep)
		if err != nil {
			return err
		}
		defer a.Release()
		return c.add(a)
	})
}

// eachKept calls do for each page of a column with the flags of its rows.
func eachKept(column pq.ColumnChunk, keep []bool, do func(page pq.Page, keep []bool) error) error {
	at := 0
	return eachPage(column, func(page pq.Page) error {
		rows := keep[at:min(len(keep), at+int(page.NumRows()))]
		if at += len(rows); int64(len(rows)) != page.NumRows() {
			return fmt.Errorf("more than %d rows", len(keep))
		}
		return do(page, rows)
	})
}

// keptRows reads the kept rows of a page as an Arrow array.
func keptRows(page pq.Page, l *leaf, keep []bool) (arrow.Array, error) {
	if l.maxRep > 0 {
		return keptLists(page, l, keep)
	}
	v := valuesOf(page, l, keep)
	if d, ok := l.field.Type.(*arrow.DictionaryType); ok {
		return v.codes(d)
	}
	b := array.NewBuilder(memory.DefaultAllocator, l.field.Type)
	defer b.Release()
	b.Reserve(len(v.rows))
	if err := v.appendTo(b); err != nil {
		return nil, err
	}
	return b.NewArray(), nil
}
