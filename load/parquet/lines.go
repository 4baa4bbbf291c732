package parquet

import (
	"context"
	"fmt"
	"path"

	"github.com/apache/arrow/go/v17/arrow"
	pq "github.com/parquet-go/parquet-go"
)

// Lines are some lines of files that runs read, by which rows of all tables are known.
type Lines struct{ set lineSet }

// Add adds a line.
func (l *Lines) Add(runID, fileID string, line int64) {
	if l.set == nil {
		l.set = lineSet{}
	}
	l.set.add(origin{runID, fileID}, line)
}

// RowsOf reads the rows of some lines back out of parts, by their paths relative to the
// lake, whether readers see them or not, as batches with the columns of the table's
// schema s. A column that a part has not got is null. The batch is gone after the call.
func (l *Lake) RowsOf(ctx context.Context, paths []string, s *arrow.Schema, lines Lines, do func(arrow.Record) error) error {
	for _, name := range paths {
		err := withPart(l.abs(name), func(p *partFile) error {
			for _, g := range p.parts.RowGroups() {
				if err := p.rowsOf(ctx, g, s, lines.set, do); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("read rows of some lines: %w", err)
		}
	}
	return nil
}

func (p *partFile) rowsOf(ctx context.Context, g pq.RowGroup, s *arrow.Schema, lines lineSet, do func(arrow.Record) error) error {
	if may, err := p.mayLose(g, lines); err != nil || !may {
		return err
	}
	wanted, _, err := p.flags(g, lines, false)
	if err != nil {
		return err
	}
	readers, err := p.columnReaders(g, s)
	defer readers.close()
	for row := 0; row < len(wanted) && err == nil; {
		end := row + 1
		for end < min(len(wanted), row+batchRows) && wanted[end] == wanted[row] {
			end++
		}
		if err = ctx.Err(); err == nil {
			err = readers.read(s, end-row, wanted[row], do)
		}
		row = end
	}
	return err
}

// ShownPaths are the paths of the parts of a table that readers see, and of its tombstones
// that still count.
func (l *Lake) ShownPaths(table string) (shown []string, err error) {
	current, err := l.current()
	if err != nil || current.number == 0 {
		return nil, err
	}
	parts, err := l.shown(current)
	for _, in := range parts {
		if in.table == table {
			shown = append(shown, in.path)
		}
	}
	return shown, err
}

// livePaths are those of the parts that readers see.
func (l *Lake) livePaths(table string) ([]string, error) {
	return l.pathsIn(table, "")
}

// tombstonePaths are those of the parts of tombstones that still count.
func (l *Lake) tombstonePaths(table string) ([]string, error) {
	return l.pathsIn(table, deletedDir)
}

// pathsIn are the parts of a table in a folder of the current snapshot.
func (l *Lake) pathsIn(table, dir string) ([]string, error) {
	current, err := l.current()
	if err != nil || current.number == 0 {
		return nil, err
	}
	parts, err := l.partsIn(path.Join(current.dir(), dir))
	var paths []string
	for _, in := range parts {
		if in.table == table {
			paths = append(paths, in.path)
		}
	}
	return paths, err
}
