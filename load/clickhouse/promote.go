package clickhouse

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	ch "github.com/ClickHouse/clickhouse-go/v2"
	"golang.org/x/sync/errgroup"
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
	if err := r.promote(ctx, nil); err != nil {
		return Promoted{}, err
	}
	return r.count(ctx)
}

// RunName tells a run.
type RunName struct {
	Number uint32
	ID     string
}

// PromoteWith promotes the run, and at the same moment earlier ones, whose rows it has.
// The error is ErrRunNumber when a run with another id was promoted under one of the
// numbers.
func (r *Run) PromoteWith(ctx context.Context, earlier []RunName) error {
	for _, e := range earlier {
		if _, err := (&Run{store: r.store, id: e.ID, number: e.Number}).promoted(ctx); err != nil {
			return err
		}
	}
	return r.promote(ctx, earlier)
}

func (r *Run) promote(ctx context.Context, earlier []RunName) error {
	done, err := r.promoted(ctx)
	if err == nil && !done {
		err = r.publish(ctx, slices.Concat(earlier, []RunName{{r.number, r.id}}))
	}
	if err != nil {
		return fmt.Errorf("promote run %d: %w", r.number, err)
	}
	return nil
}

// publish writes the tombstones and the rows of kept views, and then the rows that readers
// wait for, all at once.
func (r *Run) publish(ctx context.Context, runs []RunName) error {
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
	if err := r.follow(ctx, runs); err != nil {
		return terse(err)
	}
	return terse(r.store.apply(ctx, "promote.sql", runs))
}

// bound gives the run's number to the statements of sql/.
func (r *Run) bound(ctx context.Context) context.Context {
	return ch.Context(ctx, ch.WithParameters(ch.Parameters{"run": strconv.FormatUint(uint64(r.number), 10)}))
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
	c := contest{layout: root, Lineage: lineageNames(), RootVersions: root.Versions(), RootID: root.ID(), Winners: fmt.Sprintf("_winners_%s_%d", root.Name, r.number), Once: once}
	if err := r.store.apply(ctx, "winners.sql", c); err != nil {
		return err
	}
	var contested uint64
	if err := r.store.conn.QueryRow(ctx, "SELECT count() FROM "+name(c.Winners)).Scan(&contested); err != nil {
		return err
	}
	if contested > 0 {
		if err := r.buryChildren(ctx, c); err != nil {
			return err
		}
	}
	return r.store.conn.Exec(ctx, "DROP TABLE IF EXISTS "+name(c.Winners))
}

// buriedAtOnce is how many tables get their tombstones at the same time.
const buriedAtOnce = 4

// buryChildren writes the tombstones of the tables other than the main one that have rows.
func (r *Run) buryChildren(ctx context.Context, c contest) error {
	has, err := r.store.filled(ctx)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(buriedAtOnce)
	for _, t := range r.order {
		child := c
		if child.layout = r.layouts[t]; child.IsRoot() || child.Root != c.Name || !has[child.Versions()] {
			continue
		}
		g.Go(func() error { return r.store.apply(ctx, "tombstones.sql", child) })
	}
	return g.Wait()
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
	var counts []string
	for _, t := range r.order {
		out.Rows[t] = 0
		if has[r.layouts[t].Versions()] {
			counts = append(counts, fmt.Sprintf("SELECT %s, countIf(NOT _deleted), countIf(_deleted) FROM %s WHERE _run_number = %d", text(t), name(r.layouts[t].Versions()), r.number))
		}
	}
	if len(counts) == 0 {
		return out, nil
	}
	var table string
	var rows, tombstones uint64
	err = r.store.each(ctx, strings.Join(counts, " UNION ALL "), func() {
		out.Rows[table], out.Tombstones = int64(rows), out.Tombstones+int64(tombstones)
	}, &table, &rows, &tombstones)
	if err != nil {
		return out, fmt.Errorf("count the run's rows: %w", terse(err))
	}
	return out, nil
}

// stored finds the tables in which the run has rows.
func (r *Run) stored(ctx context.Context) (map[string]bool, error) {
	return r.store.partitions(ctx, r.number)
}

// partitions finds the tables that have a partition of a run.
func (s *Store) partitions(ctx context.Context, run uint32) (map[string]bool, error) {
	has := map[string]bool{}
	var table string
	err := s.each(ctx, fmt.Sprintf("SELECT DISTINCT table FROM system.parts WHERE database = currentDatabase() AND active AND partition = '%d'", run), func() { has[table] = true }, &table)
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
