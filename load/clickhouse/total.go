package clickhouse

import (
	"context"
	"fmt"
	"strings"

	"github.com/claimlake/claimlake/internal/table"
)

// Totals counts the rows of tables that readers see. Tables without rows are not among the
// answers.
func (s *Store) Totals(ctx context.Context, tables []table.Table) (map[string]int64, error) {
	filled, err := s.filled(ctx)
	if err != nil {
		return nil, err
	}
	var counts []string
	for _, t := range tables {
		if filled[versionsOf(t.Name)] {
			counts = append(counts, fmt.Sprintf("SELECT %s, count() FROM %s", text(t.Name), name(t.Name)))
		}
	}
	totals := map[string]int64{}
	if len(counts) == 0 {
		return totals, nil
	}
	var of string
	var rows uint64
	err = s.each(ctx, strings.Join(counts, " UNION ALL "), func() { totals[of] = int64(rows) }, &of, &rows)
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
