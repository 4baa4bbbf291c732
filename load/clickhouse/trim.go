package clickhouse

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Lines are some lines of a file, both ends included.
type Lines struct{ First, Last int64 }

// Trim removes the run's rows of files, by _file_id, that are not of the given lines.
// It is for a run that is resumed: what was inserted without becoming durable
// elsewhere will come again, and may be other than it was.
func (r *Run) Trim(ctx context.Context, files map[string][]Lines) error {
	if len(files) == 0 {
		return nil
	}
	has, err := r.stored(ctx)
	if err != nil {
		return err
	}
	where, args := r.beyond(files)
	for _, t := range r.order {
		if !has[r.layouts[t].Versions()] {
			continue
		}
		table := name(r.layouts[t].Versions())
		var rows uint64
		if err := r.store.conn.QueryRow(ctx, "SELECT count() FROM "+table+" WHERE "+where, args...).Scan(&rows); err != nil {
			return fmt.Errorf("look for rows of run %d that are not durable: %w", r.number, terse(err))
		}
		if rows == 0 {
			continue
		}
		if err := r.store.conn.Exec(ctx, "ALTER TABLE "+table+" DELETE WHERE "+where+" SETTINGS mutations_sync = 2", args...); err != nil {
			return fmt.Errorf("remove rows of run %d from %s that are not durable: %w", r.number, t, terse(err))
		}
	}
	return nil
}

// beyond is the condition of the run's rows outside the given lines.
func (r *Run) beyond(files map[string][]Lines) (where string, args []any) {
	var of []string
	for _, file := range slices.Sorted(maps.Keys(files)) {
		text := "_file_id = ?"
		args = append(args, file)
		for _, l := range files[file] {
			text += fmt.Sprintf(" AND NOT (_line BETWEEN %d AND %d)", l.First, l.Last)
		}
		of = append(of, text)
	}
	return fmt.Sprintf("_run_number = %d AND (%s)", r.number, strings.Join(of, " OR ")), args
}
