package clickhouse

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
)

// smallPartitions says which partitions of a table are put together: once there are
// count of runs that were promoted so long ago, those with fewer rows. A database that is
// loaded every day would have a partition a day, each to be merged by every query. A query
// that began before a run was promoted and is still being planned would miss the rows that
// are put into its partition.
type smallPartitions struct {
	count int
	rows  uint64
	age   time.Duration
}

var usualPartitions = smallPartitions{count: 32, rows: 1_000_000, age: 10 * time.Minute}

// keptPartitions are those of the rows of views, which readers wait for: their rows are wide,
// so that each partition more costs a query some milliseconds.
var keptPartitions = smallPartitions{count: 8, rows: 100_000}

// Compact puts small partitions of promoted runs together, in each of the tables of
// schemas. Readers see nothing of it, and interrupted anywhere it may be done again. No
// run may be at work.
func (s *Store) Compact(ctx context.Context, schemas []*arrow.Schema) error {
	return s.compact(ctx, schemas, usualPartitions)
}

// gathering is what compact.sql needs to know.
type gathering struct {
	Table string
	Into  uint32
	From  []uint32
}

func (s *Store) compact(ctx context.Context, schemas []*arrow.Schema, small smallPartitions) error {
	found, err := s.smallPartitions(ctx, schemas, small)
	if err != nil {
		return fmt.Errorf("look for small partitions: %w", terse(err))
	}
	kept, err := s.keptTables(ctx)
	if err != nil {
		return err
	}
	more, err := s.smallPartitionsOf(ctx, kept, smallPartitions{rows: min(small.rows, keptPartitions.rows), age: small.age})
	if err != nil {
		return fmt.Errorf("look for small partitions: %w", terse(err))
	}
	maps.Copy(found, more)
	for table, runs := range found {
		if len(runs) < small.count && (len(runs) < keptPartitions.count || more[table] == nil) {
			continue
		}
		last := len(runs) - 1
		if err := s.gather(ctx, gathering{Table: table, Into: runs[last], From: runs[:last]}); err != nil {
			return fmt.Errorf("put small partitions of %s together: %w", table, terse(err))
		}
	}
	return nil
}

// smallPartitions gives the runs with small partitions, in order, by table.
func (s *Store) smallPartitions(ctx context.Context, schemas []*arrow.Schema, small smallPartitions) (map[string][]uint32, error) {
	var tables []string
	for _, schema := range schemas {
		l, err := layoutOf(schema)
		if err != nil {
			return nil, err
		}
		tables = append(tables, l.Versions())
	}
	return s.smallPartitionsOf(ctx, tables, small)
}

func (s *Store) smallPartitionsOf(ctx context.Context, tables []string, small smallPartitions) (map[string][]uint32, error) {
	if len(tables) == 0 {
		return nil, nil
	}
	sql, err := render("small_partitions.sql", struct {
		Tables  []string
		Rows    uint64
		Seconds int
	}{tables, small.rows, int(small.age.Seconds())})
	if err != nil {
		return nil, err
	}
	found := map[string][]uint32{}
	var table string
	var run uint32
	err = s.each(ctx, sql, func() { found[table] = append(found[table], run) }, &table, &run)
	return found, err
}

func (s *Store) gather(ctx context.Context, g gathering) error {
	if err := s.apply(ctx, "compact.sql", g); err != nil {
		return err
	}
	for _, run := range g.From {
		if err := s.conn.Exec(ctx, (leftover{Table: g.Table, Partition: fmt.Sprint(run)}).drop()); err != nil {
			return err
		}
	}
	return nil
}
