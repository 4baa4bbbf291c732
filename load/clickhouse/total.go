package clickhouse

import (
	"context"
	"fmt"
	"strings"

	"github.com/claimlake/claimlake/internal/table"
)

// Total is the rows of a table that readers see.
type Total struct {
	Rows   int64
	Hashes uint64 // of a main table: sum of _hash, which wraps around; else 0
}

// Totals counts the rows of tables that readers see, and adds up the hashes of main
// tables: the other tables' rows have those of their resources. Tables without rows are
// not among the answers.
func (s *Store) Totals(ctx context.Context, tables []table.Table) (map[string]Total, error) {
	filled, err := s.filled(ctx)
	if err != nil {
		return nil, err
	}
	var counts []string
	for _, t := range tables {
		hashes := "toUInt64(0)"
		if t.IsRoot() {
			hashes = "sum(_hash)"
		}
		if filled[versionsOf(t.Name)] {
			counts = append(counts, fmt.Sprintf("SELECT %s, count(), %s FROM %s", text(t.Name), hashes, name(t.Name)))
		}
	}
	totals := map[string]Total{}
	if len(counts) == 0 {
		return totals, nil
	}
	var of string
	var rows, hashes uint64
	err = s.each(ctx, strings.Join(counts, " UNION ALL "), func() { totals[of] = Total{Rows: int64(rows), Hashes: hashes} }, &of, &rows, &hashes)
	if err != nil {
		return nil, fmt.Errorf("count rows: %w", terse(err))
	}
	return totals, nil
}

// filled finds the tables that have rows, of whatever run.
func (s *Store) filled(ctx context.Context) (map[string]bool, error) {
	has := map[string]bool{}
	var table string
	err := s.each(ctx, "SELECT DISTINCT table FROM system.parts WHERE database = currentDatabase() AND active AND rows > 0", func() { has[table] = true }, &table)
	if err != nil {
		return nil, fmt.Errorf("look for tables with rows: %w", terse(err))
	}
	return has, nil
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
