package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"
)

// ErrRunNumber says that another run has the number. It happens when the
// ledger was replaced and counts again.
var ErrRunNumber = errors.New("the run's number is taken")

// Run is one run's part of the tables. Readers see nothing of it before
// Promote. Its methods may be called concurrently, each Writer by one
// goroutine.
type Run struct {
	store   *Store
	id      string
	number  uint32
	layouts map[string]layout
	order   []string        // tables, roots before their children
	fresh   map[string]bool // tables that had no row of the run at Begin
	unkept  error           // see Unkept

	mu   sync.Mutex
	rows map[string]uint64 // rows sent to each table since
}

// Begin takes up the run with the given id and number, a new one or one that
// was interrupted. Tables must be as Migrate makes them. The error is
// ErrRunNumber when a run with another id was promoted under the number.
func (s *Store) Begin(ctx context.Context, runID string, runNumber uint32, schemas []*arrow.Schema) (*Run, error) {
	r := &Run{store: s, id: runID, number: runNumber, layouts: map[string]layout{}, fresh: map[string]bool{}, rows: map[string]uint64{}}
	for _, schema := range schemas {
		l, err := layoutOf(schema)
		if err != nil {
			return nil, err
		}
		r.layouts[l.Name] = l
		r.order = append(r.order, l.Name)
	}
	if _, err := r.promoted(ctx); err != nil {
		return nil, err
	}
	return r, r.look(ctx)
}

// look finds the main tables without a row of the run.
func (r *Run) look(ctx context.Context) error {
	has, err := r.stored(ctx)
	for _, t := range r.order {
		r.fresh[t] = r.layouts[t].IsRoot() && !has[r.layouts[t].Versions()]
	}
	return err
}

// wrote and sent count the rows that Writers sent to a table.
func (r *Run) wrote(table string, rows int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rows[table] += uint64(rows)
}

func (r *Run) sent(table string) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rows[table]
}

// NewWriter makes a Writer for one goroutine.
func (r *Run) NewWriter() *Writer { return &Writer{run: r, blocks: map[string]*block{}} }

// promoted reports whether readers see the run.
func (r *Run) promoted(ctx context.Context) (bool, error) {
	var ids []string
	err := r.store.conn.QueryRow(ctx, "SELECT groupUniqArray(run_id) FROM _promoted WHERE run_number = ?", r.number).Scan(&ids)
	switch {
	case err != nil:
		return false, fmt.Errorf("look up run %d: %w", r.number, terse(err))
	case len(ids) == 0:
		return false, nil
	case len(ids) > 1 || ids[0] != r.id:
		return false, fmt.Errorf("%w: run %d was promoted as %s: use the ledger that belongs to this database, or another database", ErrRunNumber, r.number, ids[0])
	}
	return true, nil
}

// Drop removes all rows of a run that is not promoted. It may be called again.
func (r *Run) Drop(ctx context.Context) error {
	done, err := r.promoted(ctx)
	if err != nil {
		return err
	}
	if done {
		return fmt.Errorf("drop run %d: it is promoted, readers see it", r.number)
	}
	tables, err := r.store.keptTables(ctx)
	if err != nil {
		return err
	}
	for _, t := range r.order {
		tables = append(tables, r.layouts[t].Versions())
	}
	for _, t := range tables {
		sql := fmt.Sprintf("ALTER TABLE %s DROP PARTITION %d", name(t), r.number)
		if err := r.store.conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("drop run %d from %s: %w", r.number, t, terse(err))
		}
	}
	return nil
}
