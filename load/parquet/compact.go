package parquet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/claimlake/claimlake/internal/durable"
)

// smallFiles says which files of a snapshot are put together into one: once there are
// count of a table, those smaller than bytes. A lake that is loaded every day would
// have thousands of them after a year, each to be opened by readers and promotes.
type smallFiles struct {
	count int
	bytes int64
}

// compact puts the small files of the snapshot in the making together. Where they are
// links the parts themselves stay in their runs.
func (b *build) compact(ctx context.Context) error {
	l := b.run.lake
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, dir := range []string{b.dir(), path.Join(b.dir(), deletedDir)} {
		files, err := l.partsIn(dir)
		if err != nil {
			return err
		}
		byTable := map[string][]string{}
		for _, f := range files {
			st, err := os.Stat(l.abs(f.path))
			if err != nil {
				return err
			}
			if st.Size() < l.small.bytes {
				byTable[f.table] = append(byTable[f.table], l.abs(f.path))
			}
		}
		for table, paths := range byTable {
			layout := b.run.layouts[table]
			if layout == nil || len(paths) < l.small.count {
				continue
			}
			if err := errors.Join(ctx.Err(), l.step("put files together")); err != nil {
				return errors.Join(err, g.Wait())
			}
			g.Go(func() error { return b.merge(layout, paths) })
		}
	}
	return g.Wait()
}

// merge replaces files by one with their rows. Those with other columns than the layout
// stay as they are.
func (b *build) merge(l *layout, paths []string) error {
	name, err := uuid.NewV7()
	if err != nil {
		return err
	}
	m := &merger{layout: l, to: newTableWriter(l, &scratch{})}
	target := filepath.Join(filepath.Dir(paths[0]), "part-"+name.String()+".parquet")
	if m.to.file, err = create(target); err != nil {
		return err
	}
	for _, p := range paths {
		if err := m.read(p, b.sumOf(b.nameOf(p))); err != nil {
			m.to.file.abandon()
			return err
		}
	}
	if err := m.endGroup(); err != nil {
		m.to.file.abandon()
		return err
	}
	if len(m.taken) < 2 {
		m.to.file.abandon()
		return nil
	}
	part, err := m.to.file.close(l, m.run)
	if err != nil {
		return err
	}
	b.summed(b.nameOf(target), part.SHA256)
	for _, p := range m.taken {
		if err := durable.Remove(p); err != nil {
			return err
		}
		b.summed(b.nameOf(p), "")
	}
	return nil
}

// nameOf is the name of a file in the snapshot's folder.
func (b *build) nameOf(file string) string {
	return strings.TrimPrefix(filepath.ToSlash(file), filepath.ToSlash(b.run.lake.abs(b.dir()))+"/")
}

// merger collects the rows of several files.
type merger struct {
	layout *layout
	to     *tableWriter
	run    string   // what the file will say of its rows' run
	taken  []string // the files
}

// read takes a file, unless it was altered, which its sum says.
func (m *merger) read(file, sum string) error {
	if err := unaltered(file, sum); err != nil {
		return fmt.Errorf("part %s: %w", filepath.Base(file), err)
	}
	return withPart(file, m.take)
}

// take appends a file's rows, if it has the columns of the others.
func (m *merger) take(p *partFile) error {
	if !p.schema.Equal(m.layout.schema) {
		return nil
	}
	for _, g := range p.parts.RowGroups() {
		if err := p.copyGroup(g, m.to); err != nil {
			return err
		}
		m.to.rows += int(g.NumRows())
		if m.to.measure(); m.to.rows >= maxGroupRows || m.to.held >= maxGroupBytes {
			if err := m.endGroup(); err != nil {
				return err
			}
		}
	}
	if m.taken = append(m.taken, p.file.Name()); len(m.taken) == 1 {
		m.run = p.runName()
	} else if m.run != p.runName() {
		m.run = severalRuns
	}
	return nil
}

func (m *merger) endGroup() error {
	if m.to.rows == 0 {
		return nil
	}
	m.to.rows = 0
	return m.to.file.writeGroup(m.to.chunks)
}

// all are n flags that are set.
func all(n int) []bool {
	flags := make([]bool, n)
	for i := range flags {
		flags[i] = true
	}
	return flags
}
