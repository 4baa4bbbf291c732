package clickhouse

import (
	"context"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
)

// PromotedRuns gives the ids of the runs that readers see.
func (s *Store) PromotedRuns(ctx context.Context) (map[string]bool, error) {
	var ids []string
	if err := s.conn.QueryRow(ctx, "SELECT groupUniqArray(run_id) FROM _promoted").Scan(&ids); err != nil {
		return nil, fmt.Errorf("look up promoted runs: %w", terse(err))
	}
	out := map[string]bool{}
	for _, id := range ids {
		out[id] = true
	}
	return out, nil
}

// leftover is a partition of a run that readers do not see, or a scratch table.
type leftover struct {
	Table     string `ch:"table"`
	Partition string `ch:"partition"` // "" for a scratch table
}

// Sweep removes what dead runs left in the tables of schemas. No run may be under
// way, and one whose promote was interrupted must be promoted before.
func (s *Store) Sweep(ctx context.Context, schemas []*arrow.Schema) error {
	tables, err := s.keptTables(ctx)
	if err != nil {
		return err
	}
	for _, schema := range schemas {
		l, err := layoutOf(schema)
		if err != nil {
			return err
		}
		tables = append(tables, l.Versions())
	}
	sql, err := render("leftovers.sql", tables)
	if err != nil {
		return err
	}
	var found []leftover
	if err := s.conn.Select(ctx, &found, sql); err != nil {
		return fmt.Errorf("look for rows of dead runs: %w", terse(err))
	}
	for _, f := range found {
		if err := s.conn.Exec(ctx, f.drop()); err != nil {
			return fmt.Errorf("remove rows of a dead run from %s: %w", f.Table, terse(err))
		}
	}
	return nil
}

func (f leftover) drop() string {
	if f.Partition == "" {
		return "DROP TABLE IF EXISTS " + name(f.Table)
	}
	return fmt.Sprintf("ALTER TABLE %s DROP PARTITION %s", name(f.Table), f.Partition)
}
