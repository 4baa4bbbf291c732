package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/tidwall/gjson"
	"github.com/zeebo/xxh3"
	"golang.org/x/sync/errgroup"

	"github.com/claimlake/claimlake/load/parquet"
)

// linesAtOnce is how many lines a worker takes: one batch for each table.
const linesAtOnce = 500

// gjsonGet is the plain way to flatten in Go: one gjson.Get for each column of each
// row, values appended to Arrow builders one by one. It has claimlake's own Parquet
// writer and as many workers, so that the difference is the flattening alone. It checks
// nothing and keeps no ledger.
func gjsonGet(ctx context.Context, tables []mappedTable, file, out string) error {
	lake, err := parquet.Open(out)
	if err != nil {
		return err
	}
	run, err := lake.Begin("1", 1, schemasOf(tables))
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	chunks := make(chan lineChunk)
	g.Go(func() error {
		defer close(chunks)
		return readChunks(ctx, file, chunks)
	})
	for range 2 {
		g.Go(func() error {
			w := getter{tables: tables, writer: run.NewWriter(), now: time.Now()}
			w.makeBuilders()
			for c := range chunks {
				if err := w.take(c); err != nil {
					return err
				}
			}
			_, err := w.writer.Flush()
			return err
		})
	}
	return g.Wait()
}

// lineChunk is some lines of a file.
type lineChunk struct {
	first int64 // number of the first
	lines []string
}

func readChunks(ctx context.Context, file string, chunks chan<- lineChunk) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	r := bufio.NewReaderSize(f, 1<<20)
	c := lineChunk{first: 1}
	for err == nil {
		var line string
		line, err = r.ReadString('\n')
		if line != "" {
			c.lines = append(c.lines, line)
		}
		if len(c.lines) < linesAtOnce && err == nil {
			continue
		}
		select {
		case chunks <- c:
		case <-ctx.Done():
			return ctx.Err()
		}
		c = lineChunk{first: c.first + int64(len(c.lines))}
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// getter is one worker.
type getter struct {
	tables   []mappedTable
	builders []*array.RecordBuilder // by table
	writer   *parquet.Writer
	now      time.Time
	number   int64 // of the current line
	hash     uint64
}

func (w *getter) makeBuilders() {
	for _, t := range w.tables {
		w.builders = append(w.builders, array.NewRecordBuilder(memory.DefaultAllocator, t.schema))
	}
}

// take flattens a chunk and writes its rows.
func (w *getter) take(c lineChunk) error {
	for i, line := range c.lines {
		w.number, w.hash = c.first+int64(i), xxh3.HashString(line[:len(line)-1])
		root := []element{{json: gjson.Parse(line)}}
		for j := range w.tables {
			w.rowsOf(j, root)
		}
	}
	for _, b := range w.builders {
		rec := b.NewRecord()
		if rec.NumRows() > 0 {
			if err := w.writer.Write(rec); err != nil {
				return err
			}
		}
		rec.Release()
	}
	return nil
}

// element is one on the way from the resource to a row.
type element struct {
	json     gjson.Result
	position int // in its array, from 1
}

// rowsOf appends the rows of a table.
func (w *getter) rowsOf(table int, root []element) {
	if len(w.tables[table].rows) == 0 {
		w.row(table, root)
	}
	for _, path := range w.tables[table].rows {
		w.descend(table, root, path)
	}
}

// descend goes through the arrays of a row path.
func (w *getter) descend(table int, way []element, path []step) {
	if len(path) == 0 {
		w.row(table, way)
		return
	}
	at := way[len(way)-1].json
	i := 0
	for ; !path[i].each; i++ {
		at = at.Get(path[i].key)
	}
	position := 0
	at.ForEach(func(_, item gjson.Result) bool {
		position++
		w.descend(table, append(way, element{item, position}), path[i+1:])
		return true
	})
}
