package clickhouse

import (
	"context"
	"fmt"
	"strconv"

	ch "github.com/ClickHouse/clickhouse-go/v2"
)

// Promoted says what a run brought.
type Promoted struct {
	Rows       map[string]int64 // rows that the run brought, of each of its tables
	Tombstones int64            // rows that the run took from readers
}

// Promote makes the run visible, in all tables at once. Before that it writes
// tombstones for rows that the winning copies of its resources lack.
// Interrupted anywhere, it may be called again; a second call changes nothing.
// All Writers must be flushed.
func (r *Run) Promote(ctx context.Context) (Promoted, error) {
	done, err := r.promoted(ctx)
	if err == nil && !done {
		err = r.publish(ctx)
	}
	if err != nil {
		return Promoted{}, fmt.Errorf("promote run %d: %w", r.number, err)
	}
	return r.count(ctx)
}

// publish writes the tombstones and then the one row that readers wait for.
func (r *Run) publish(ctx context.Context) error {
	has, err := r.stored(ctx)
	if err != nil {
		return err
	}
	ctx = r.bound(ctx)
	for _, t := range r.order {
		if root := r.layouts[t]; root.IsRoot() && has[root.Versions()] {
			if err := r.bury(ctx, root); err != nil {
				return fmt.Errorf("tombstones of %s: %w", root.Resource, terse(err))
			}
		}
	}
	return terse(r.store.apply(ctx, "promote.sql", nil))
}

// bound gives the run's number and id to the statements of sql/.
func (r *Run) bound(ctx context.Context) context.Context {
	return ch.Context(ctx, ch.WithParameters(ch.Parameters{"run": strconv.FormatUint(uint64(r.number), 10), "id": r.id}))
}

// contest is what the statements of a promote need to know of a resource type
// and one of its tables.
type contest struct {
	layout
	Lineage              []string
	RootVersions, RootID string
	Winners              string // the scratch table
	Once                 bool   // no resource came twice in the run
}

// bury writes the tombstones of all tables of a resource type. The main table
// needs none: it has one row per resource, whose rank is all it takes.
func (r *Run) bury(ctx context.Context, root layout) error {
	once, err := r.once(ctx, root)
	if err != nil {
		return err
	}
	c := contest{Lineage: lineageNames(), RootVersions: root.Versions(), RootID: root.ID(), Winners: fmt.Sprintf("_winners_%s_%d", root.Name, r.number), Once: once}
	if err := r.store.apply(ctx, "winners.sql", c); err != nil {
		return err
	}
	var contested uint64
	if err := r.store.conn.QueryRow(ctx, "SELECT count() FROM "+name(c.Winners)).Scan(&contested); err != nil {
		return err
	}
	for _, t := range r.order {
		if c.layout = r.layouts[t]; contested == 0 || c.IsRoot() || c.Root != root.Name {
			continue
		}
		if err := r.store.apply(ctx, "tombstones.sql", c); err != nil {
			return err
		}
	}
	return r.store.conn.Exec(ctx, "DROP TABLE "+name(c.Winners))
}

// once reports whether each resource came once in the run, which spares a
// first load the search for rows of other copies. It is known only when this
// process wrote all of the run's rows.
func (r *Run) once(ctx context.Context, root layout) (bool, error) {
	if !r.fresh[root.Name] {
		return false, nil
	}
	var resources uint64
	sql := fmt.Sprintf("SELECT count() FROM %s FINAL WHERE _run_number = %d", name(root.Versions()), r.number)
	err := r.store.conn.QueryRow(ctx, sql).Scan(&resources)
	return resources == r.sent(root.Name), err
}

// count counts what the run brought.
func (r *Run) count(ctx context.Context) (Promoted, error) {
	out := Promoted{Rows: map[string]int64{}}
	has, err := r.stored(ctx)
	if err != nil {
		return out, err
	}
	for _, t := range r.order {
		if !has[r.layouts[t].Versions()] {
			out.Rows[t] = 0
			continue
		}
		var rows, tombstones uint64
		sql := fmt.Sprintf("SELECT countIf(NOT _deleted), countIf(_deleted) FROM %s WHERE _run_number = %d", name(r.layouts[t].Versions()), r.number)
		if err := r.store.conn.QueryRow(ctx, sql).Scan(&rows, &tombstones); err != nil {
			return out, fmt.Errorf("count %s: %w", t, terse(err))
		}
		out.Rows[t], out.Tombstones = int64(rows), out.Tombstones+int64(tombstones)
	}
	return out, nil
}

// stored finds the tables in which the run has rows.
func (r *Run) stored(ctx context.Context) (map[string]bool, error) {
	has := map[string]bool{}
	var table string
	err := r.store.each(ctx, fmt.Sprintf("SELECT DISTINCT table FROM system.parts WHERE database = currentDatabase() AND active AND partition = '%d'", r.number), func() { has[table] = true }, &table)
	if err != nil {
		return nil, fmt.Errorf("look for the run's rows: %w", terse(err))
	}
	return has, nil
}

// Count is the number of rows of a table that readers see.
func (s *Store) Count(ctx context.Context, table string) (int64, error) {
	var rows uint64
	if err := s.conn.QueryRow(ctx, "SELECT count() FROM "+name(table)).Scan(&rows); err != nil {
		return 0, fmt.Errorf("count %s: %w", table, terse(err))
	}
	return int64(rows), nil
}
