package parquet

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/claimlake/claimlake/internal/durable"
)

// build is a snapshot in the making.
type build struct {
	run    *Run
	from   snapshot
	to     snapshot
	mu     sync.Mutex // guards me and to.Sums
	me     promotedRun
	inputs []input
	rows   map[string]int64  // of the run, by table
	losers map[string]losers // by main table
}

// input is a part that may go into the snapshot.
type input struct {
	table   string
	path    string // relative to the lake
	deleted bool   // of tombstones
	fresh   bool   // of the run
	sum     string // SHA-256, hex; "" where it is not known
}

// dir is where the snapshot is built, relative to the lake.
func (b *build) dir() string { return b.to.dir() + tempMark }

// gather lists the parts of the snapshot before and of the run.
func (b *build) gather(parts []Part) error {
	for _, t := range b.run.order {
		b.me.Rows[t] = 0
	}
	for _, p := range parts {
		b.rows[p.Table] += p.Rows
		b.inputs = append(b.inputs, input{table: p.Table, path: p.Path, fresh: true, sum: p.SHA256})
	}
	if b.from.number == 0 {
		return nil
	}
	shown, err := b.run.lake.shown(b.from)
	b.inputs = append(b.inputs, shown...)
	return err
}

// shown lists the parts of a snapshot, and its tombstones.
func (l *Lake) shown(s snapshot) ([]input, error) {
	live, err := l.partsIn(s.dir())
	if err != nil {
		return nil, err
	}
	dead, err := l.partsIn(path.Join(s.dir(), deletedDir))
	for i := range dead {
		dead[i].deleted = true
	}
	out := slices.Concat(live, dead)
	for i, in := range out {
		out[i].sum = s.Sums[strings.TrimPrefix(in.path, s.dir()+"/")]
	}
	return out, err
}

// partsIn lists the parts of the tables in a folder of the lake.
func (l *Lake) partsIn(dir string) ([]input, error) {
	tables, err := os.ReadDir(l.abs(dir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var out []input
	for _, t := range tables {
		if !t.IsDir() || strings.HasPrefix(t.Name(), "_") {
			continue
		}
		files, err := os.ReadDir(l.abs(path.Join(dir, t.Name())))
		if err != nil {
			return nil, err
		}
		for _, f := range files {
			if strings.HasPrefix(f.Name(), emptyMark) {
				continue
			}
			out = append(out, input{table: t.Name(), path: path.Join(dir, t.Name(), f.Name())})
		}
	}
	return out, nil
}

// fill puts each part into the snapshot: linked when all its rows count, else
// rewritten without the others.
func (b *build) fill(ctx context.Context) error {
	l := b.run.lake
	if err := durable.RemoveAll(l.abs(b.dir())); err != nil {
		return err
	}
	if err := durable.Mkdir(l.abs(b.dir())); err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, in := range b.inputs {
		if err := errors.Join(ctx.Err(), l.step("add a part")); err != nil {
			return errors.Join(err, g.Wait())
		}
		g.Go(func() error { return b.place(in) })
	}
	return g.Wait()
}

// target is the name of a part in the snapshot's folder.
func (b *build) target(in input, deleted bool) string {
	name := path.Join(in.table, path.Base(in.path))
	if deleted {
		return path.Join(deletedDir, name)
	}
	return name
}

// sumOf is the SHA-256 of a file of the snapshot; "" where it is not known.
func (b *build) sumOf(name string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.to.Sums[name]
}

// summed notes the SHA-256 of a file of the snapshot; "" where it is not known, or the
// file is gone.
func (b *build) summed(name, sum string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if delete(b.to.Sums, name); sum != "" {
		b.to.Sums[name] = sum
	}
}

// writeRuns lists the runs of the snapshot, this one the last, and makes all of
// the snapshot's folders durable.
func (b *build) writeRuns() error {
	b.to.Runs = append(append([]promotedRun(nil), b.from.Runs...), b.me)
	text, err := json.MarshalIndent(b.to, "", "  ")
	if err != nil {
		return err
	}
	l := b.run.lake
	if err := l.step("list the runs"); err != nil {
		return err
	}
	if err := durable.Write(l.abs(path.Join(b.dir(), promotedName)), append(text, '\n')); err != nil {
		return err
	}
	return fs.WalkDir(os.DirFS(l.abs(b.dir())), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return durable.SyncDir(l.abs(path.Join(b.dir(), name)))
	})
}
