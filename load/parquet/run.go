package parquet

import (
	"fmt"
	"path"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/claimlake/claimlake/internal/durable"
)

// Run is one run's part of the lake. Readers of current see nothing of it
// before Promote.
type Run struct {
	lake    *Lake
	id      string
	number  uint32
	layouts map[string]*layout
	order   []string // tables, as given
}

// Begin takes up the run with the given id and number, a new one or one that
// was interrupted. The error is ErrRunNumber when a run with another id was
// promoted under the number.
func (l *Lake) Begin(runID string, runNumber uint32, schemas []*arrow.Schema) (*Run, error) {
	if err := checkName("run", runID); err != nil {
		return nil, err
	}
	r := &Run{lake: l, id: runID, number: runNumber, layouts: map[string]*layout{}}
	for _, s := range schemas {
		layout, err := layoutOf(s)
		if err != nil {
			return nil, err
		}
		r.layouts[layout.Name] = &layout
		r.order = append(r.order, layout.Name)
	}
	current, err := l.current()
	if err != nil {
		return nil, err
	}
	if _, _, err := current.find(r); err != nil {
		return nil, err
	}
	return r, r.makeDirs()
}

// makeDirs makes the folders of the run's tables, durably, so that a part needs
// only its own name to be.
func (r *Run) makeDirs() error {
	for _, t := range r.order {
		if err := durable.Mkdir(r.lake.abs(path.Join(r.dir(), t))); err != nil {
			return fmt.Errorf("begin run: %w", err)
		}
	}
	for _, dir := range []string{r.dir(), runsDir} {
		if err := durable.SyncDir(r.lake.abs(dir)); err != nil {
			return fmt.Errorf("begin run: %w", err)
		}
	}
	return nil
}

// dir is the run's folder, relative to the lake.
func (r *Run) dir() string { return path.Join(runsDir, r.id) }

// NewWriter makes a Writer for one goroutine.
func (r *Run) NewWriter() *Writer {
	return &Writer{run: r, room: maxHeldBytes, tables: map[string]*tableWriter{}}
}

// Drop removes all files of a run that is not promoted. It may be called again.
func (r *Run) Drop() error {
	current, err := r.lake.current()
	if err != nil {
		return err
	}
	if _, done, err := current.find(r); err != nil {
		return err
	} else if done {
		return fmt.Errorf("drop run %s: it is promoted, readers see it", r.id)
	}
	if err := durable.RemoveAll(r.lake.abs(r.dir())); err != nil {
		return fmt.Errorf("drop run %s: %w", r.id, err)
	}
	return nil
}
