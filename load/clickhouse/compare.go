package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// existing is a column that a table has.
type existing struct{ typ, comment string }

// columns are those that a table has; none when there is no such table.
func (s *Store) columns(ctx context.Context, tableName string) (map[string]existing, error) {
	rows, err := s.conn.Query(ctx, "SELECT name, type, comment FROM system.columns WHERE database = currentDatabase() AND table = ?", tableName)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	out := map[string]existing{}
	for rows.Next() {
		var column string
		var e existing
		if err := rows.Scan(&column, &e.typ, &e.comment); err != nil {
			return nil, err
		}
		out[column] = e
	}
	return out, rows.Err()
}

// compare finds what cannot be changed in a table that is there. The error is
// ErrSchema with every difference.
func (s *Store) compare(ctx context.Context, l layout) error {
	has, err := s.columns(ctx, l.Versions())
	if err != nil || len(has) == 0 {
		return err
	}
	var differ []error
	note := func(format string, args ...any) {
		differ = append(differ, fmt.Errorf("%w: %s: %s", ErrSchema, l.Name, fmt.Sprintf(format, args...)))
	}
	for _, c := range l.Columns {
		if old, ok := has[c.Name]; ok && old.typ != c.Type {
			note("column %s is %s, the mapping wants %s", c.Name, old.typ, c.Type)
		}
	}
	for _, c := range []string{runNumber, rowVersion} {
		if _, ok := has[c]; !ok {
			note("column %s is missing: not a table of claimlake", c)
		}
	}
	var engine, key string
	err = s.conn.QueryRow(ctx, "SELECT engine, sorting_key FROM system.tables WHERE database = currentDatabase() AND name = ?", l.Versions()).Scan(&engine, &key)
	if err != nil {
		return err
	}
	if want := strings.Join(l.SortKey(), ", "); key != want {
		note("key is (%s), the mapping wants (%s)", key, want)
	}
	if !strings.HasSuffix(engine, "ReplacingMergeTree") {
		note("engine is %s, not ReplacingMergeTree", engine)
	}
	if differ != nil {
		differ = append(differ, errors.New("load into a new database, or drop the table and load its runs again"))
	}
	return errors.Join(differ...)
}
