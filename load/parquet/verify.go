package parquet

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"runtime"
	"slices"
	"sync"

	pq "github.com/parquet-go/parquet-go"
	"golang.org/x/sync/errgroup"
)

// Verified is what Verify looked at.
type Verified struct {
	Parts  int   // parts of runs
	Copies int   // files of the current state that are not the parts themselves
	Rows   int64 // of the current state
	Bytes  int64 // read
}

// Finding is a file that is not as it was written.
type Finding struct {
	Path    string // relative to the lake, with slashes
	Problem string
}

// Verify reads all parts, and compares each with what was recorded when it was
// written: its bytes (SHA-256), size, table and rows. Files of the current state that are
// no parts, since rows were taken out or small files joined, are compared with the
// snapshot's sums; those that an older claimlake wrote have none, and are read to the last
// page, whose checksums show damage. The findings say what is wrong; the error is for
// what could not be read at all.
func (l *Lake) Verify(ctx context.Context, parts []Part) (v Verified, findings []Finding, err error) {
	current, err := l.current()
	if err != nil {
		return v, nil, err
	}
	files, err := l.shown(current)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return v, nil, fmt.Errorf("verify the lake: %w", err)
	}
	c := &verification{lake: l}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	compared := map[string]string{} // parts by table and name, which links to them share
	for _, p := range parts {
		compared[path.Join(p.Table, path.Base(p.Path))] = p.Path
		g.Go(func() error { return c.part(ctx, p) })
	}
	for _, f := range files {
		g.Go(func() error { return c.shown(ctx, f, compared[path.Join(f.table, path.Base(f.path))]) })
	}
	err = g.Wait()
	c.missing(current, files)
	return c.Verified, c.findings, err
}

// verification collects what is found.
type verification struct {
	lake *Lake

	mu sync.Mutex
	Verified
	findings []Finding
}

func (c *verification) found(path string, problem error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.findings = append(c.findings, Finding{path, problem.Error()})
}

func (c *verification) count(add func(v *Verified)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	add(&c.Verified)
}

// part compares a part of a run with what was recorded of it.
func (c *verification) part(ctx context.Context, p Part) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	c.count(func(v *Verified) { v.Parts++; v.Bytes += p.Bytes })
	sum, size, err := hashFile(c.lake.abs(p.Path))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = errors.New("is missing")
	case err != nil:
	case size != p.Bytes || sum != p.SHA256:
		err = fmt.Errorf("has other bytes than were written: %w", ErrDamaged)
	default:
		err = withPart(c.lake.abs(p.Path), func(f *partFile) error {
			if f.table.Name != p.Table || f.parts.NumRows() != p.Rows {
				return fmt.Errorf("has %d rows of %s, and %d of %s were recorded", f.parts.NumRows(), f.table.Name, p.Rows, p.Table)
			}
			return nil
		})
	}
	if err != nil {
		c.found(p.Path, err)
	}
	return nil
}

// shown looks at a file of the current state. part is the one of its name, if there is
// one.
func (c *verification) shown(ctx context.Context, in input, part string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	linked := part != "" && c.same(part, in.path) // then its part is compared
	var err error
	if !linked {
		err = unaltered(c.lake.abs(in.path), in.sum)
	}
	if err == nil {
		err = withPart(c.lake.abs(in.path), func(p *partFile) error { return c.look(p, in, linked) })
	}
	if err != nil {
		c.found(in.path, err)
	}
	return nil
}

// look looks into a file of the current state. linked says that its part is compared.
func (c *verification) look(p *partFile, in input, linked bool) error {
	c.count(func(v *Verified) {
		if !in.deleted {
			v.Rows += p.parts.NumRows()
		}
		if !linked {
			v.Copies++
		}
	})
	if p.table.Name != in.table {
		return fmt.Errorf("has rows of %s", p.table.Name)
	}
	if linked || in.sum != "" {
		return nil
	}
	return p.readAll()
}

// unaltered looks whether a file has the SHA-256 that it was written with, if that is
// known.
func unaltered(file, sum string) error {
	if sum == "" {
		return nil
	}
	got, _, err := hashFile(file)
	if err == nil && got != sum {
		err = fmt.Errorf("has other bytes than were written: %w", ErrDamaged)
	}
	return err
}

// missing finds files that the snapshot had.
func (c *verification) missing(s snapshot, files []input) {
	there := map[string]bool{}
	for _, f := range files {
		there[f.path] = true
	}
	for _, name := range slices.Sorted(maps.Keys(s.Sums)) {
		if file := path.Join(s.dir(), name); !there[file] {
			c.found(file, errors.New("is missing"))
		}
	}
}

// same reports whether two paths lead to the same file.
func (c *verification) same(one, other string) bool {
	a, err := os.Stat(c.lake.abs(one))
	if err != nil {
		return false
	}
	b, err := os.Stat(c.lake.abs(other))
	return err == nil && os.SameFile(a, b)
}

// readAll reads every page of a part.
func (p *partFile) readAll() error {
	for _, g := range p.parts.RowGroups() {
		for _, c := range g.ColumnChunks() {
			if err := eachPage(c, func(pq.Page) error { return nil }); err != nil {
				return fmt.Errorf("%w: %w", ErrDamaged, err)
			}
		}
	}
	return nil
}

func hashFile(path string) (sum string, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	size, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), size, err
}
