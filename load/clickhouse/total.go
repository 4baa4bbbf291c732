package clickhouse

import (
	"context"
	"fmt"
)

// Total is the rows of a table that readers see.
type Total struct {
	Rows   int64
	Hashes uint64 // sum of _hash, which wraps around
}

// Total counts the rows of a table that readers see, and adds up their hashes.
func (s *Store) Total(ctx context.Context, table string) (t Total, err error) {
	var rows uint64
	if err := s.conn.QueryRow(ctx, "SELECT count(), sum(_hash) FROM "+name(table)).Scan(&rows, &t.Hashes); err != nil {
		return t, fmt.Errorf("count %s: %w", table, terse(err))
	}
	t.Rows = int64(rows)
	return t, nil
}

// Orphans counts the rows of a run whose reference has no row in another table that
// readers see.
func (s *Store) Orphans(ctx context.Context, runID, table, column, other, id string) (orphans, rows int64, err error) {
	var lost, all uint64
	sql := fmt.Sprintf("SELECT countIf(%[1]s NOT IN (SELECT %[4]s FROM %[3]s)), count() FROM %[2]s WHERE _run_id = ? AND %[1]s IS NOT NULL", name(column), name(table), name(other), name(id))
	if err := s.conn.QueryRow(ctx, sql, runID).Scan(&lost, &all); err != nil {
		return 0, 0, fmt.Errorf("look for what %s.%s refers to: %w", table, column, terse(err))
	}
	return int64(lost), int64(all), nil
}
