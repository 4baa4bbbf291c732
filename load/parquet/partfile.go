package parquet

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/apache/arrow/go/v17/arrow"
	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/table"
)

// partFile is a part that is being read.
type partFile struct {
	file   *os.File
	parts  *pq.File
	table  table.Table
	schema *arrow.Schema
	runID  string // of all its rows; "" where they are of several runs
}

// ErrDamaged says that a part of the lake is not as claimlake wrote it.
var ErrDamaged = errors.New("the part is damaged: restore it from a backup, or load its run again")

// withPart opens a part for as long as do takes. Damage in the pages is found by
// their checksums; damage in the footer, which has none, makes parquet-go panic
// in places, and that too is ErrDamaged here.
func withPart(path string, do func(*partFile) error) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() {
		if recover() != nil {
			err = ErrDamaged
		}
		if err = errors.Join(err, f.Close()); err != nil {
			err = fmt.Errorf("part %s: %w", filepath.Base(path), err)
		}
	}()
	p := &partFile{file: f}
	if err := p.read(); err != nil {
		return err
	}
	return do(p)
}

func (p *partFile) read() error {
	info, err := p.file.Stat()
	if err != nil {
		return err
	}
	if p.parts, err = pq.OpenFile(p.file, info.Size(), pq.SkipPageIndex(true), pq.SkipBloomFilters(true)); err != nil {
		return err
	}
	if err := checkCodecs(p.parts.Metadata()); err != nil {
		return err
	}
	text, ok := p.parts.Lookup(keyArrowSchema)
	if p.runID, _ = p.parts.Lookup(keyRun); !ok || p.runID == "" {
		return errors.New("not a part that claimlake wrote")
	}
	if p.runID == severalRuns {
		p.runID = ""
	}
	check, _ := p.parts.Lookup(keyCheck)
	columns, _ := p.parts.Lookup(keyColumns)
	if p.schema, err = decodeSchema(text, columns, check); err != nil {
		return err
	}
	p.table, err = table.Of(p.schema)
	return err
}

// checkCodecs looks whether pages are compressed as claimlake does it: the decoder of
// another codec may ask for all memory where it meets zstd.
func checkCodecs(m *format.FileMetaData) error {
	for _, g := range m.RowGroups {
		for _, c := range g.Columns {
			if codec := c.MetaData.Codec; codec != format.Zstd && codec != format.Uncompressed {
				return ErrDamaged
			}
		}
	}
	return nil
}

// chunk is the column of a row group.
func (p *partFile) chunk(g pq.RowGroup, column string) (pq.ColumnChunk, error) {
	i := p.schema.FieldIndices(column)
	if len(i) != 1 {
		return nil, fmt.Errorf("no column %s", column)
	}
	return g.ColumnChunks()[i[0]], nil
}

// runs gives the run of each row of a row group.
func (p *partFile) runs(g pq.RowGroup) (func(row int) string, error) {
	if p.runID != "" {
		return func(int) string { return p.runID }, nil
	}
	names, ids := texts{}, make([]string, g.NumRows())
	err := p.each(g, lineage.RunID, func(row int, v pq.Value) { ids[row] = names.of(v.ByteArray()) })
	return func(row int) string { return ids[row] }, err
}

// each calls do for each row of a row group with its value of a column that is
// no list. What the value refers to is gone after the call.
func (p *partFile) each(g pq.RowGroup, column string, do func(row int, v pq.Value)) error {
	c, err := p.chunk(g, column)
	if err != nil {
		return err
	}
	row := 0
	if err := eachValue(c, func(v pq.Value) { do(row, v); row++ }); err != nil {
		return fmt.Errorf("read column %s: %w", column, err)
	}
	if int64(row) != g.NumRows() {
		return fmt.Errorf("column %s has %d values, want %d", column, row, g.NumRows())
	}
	return nil
}

func eachValue(c pq.ColumnChunk, do func(pq.Value)) error {
	buf := make([]pq.Value, 1024)
	return eachPage(c, func(page pq.Page) error { return eachOf(page, buf, do) })
}

// eachPage calls do for each page of a column. The page is gone after the call.
func eachPage(c pq.ColumnChunk, do func(pq.Page) error) (err error) {
	pages := c.Pages()
	defer func() { err = errors.Join(err, pages.Close()) }()
	for seen := int64(0); ; {
		page, err := pages.ReadPage()
		switch {
		case err == io.EOF && seen == c.NumValues(): //nolint:errorlint // an error that wraps it is no end
			return nil
		case err != nil:
			return notEOF(err)
		}
		seen += page.NumValues()
		err = do(page)
		pq.Release(page)
		if err != nil {
			return err
		}
	}
}

// notEOF is err, but io.EOF is too soon: a reader of what is read would take it for an end.
func notEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func eachOf(page pq.Page, buf []pq.Value, do func(pq.Value)) error {
	values := page.Values()
	for {
		n, err := values.ReadValues(buf)
		for _, v := range buf[:n] {
			do(v)
		}
		if err == io.EOF { //nolint:errorlint // an error that wraps it is no end
			return nil
		}
		if err != nil {
			return err
		}
	}
}
