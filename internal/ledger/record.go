package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// recorded are the tables that a record of a run has rows of, with the column that
// names the run, those that others refer to first. What only an unfinished run needs
// is not among them, nor who is still to be told of it.
var recorded = []struct{ table, run string }{
	{"run", "id"}, {"whole", "run"}, {"subset", "run"}, {"unreadable", "run"}, {"left_out", "run"}, {"published", "run"}, {"derived", "run"}, {"file", "run"}, {"page", "run"}, {"archived", "run"},
	{"part", "run"}, {"reject", "run"}, {"value_reject", "run"}, {"value_example", "run"}, {"replayed", "by_run"}, {"coverage", "run"},
	{"finding", "run"}, {"accepted", "run"}, {"kept_since", "run"},
}

// record is the JSON of a run: the rows of each table, as SQLite has them.
type record map[string][]map[string]any

// Record gives what the ledger has of a promoted run, as JSON, from which Restore makes
// it again. It has no URL of the export.
func (l *Ledger) Record(ctx context.Context, runID string) ([]byte, error) {
	r := record{}
	for _, t := range recorded {
		rows, err := l.rowsOf(ctx, "SELECT * FROM "+t.table+" WHERE "+t.run+" = ?", runID)
		if err != nil {
			return nil, fmt.Errorf("ledger: record of run %s: %s: %w", runID, t.table, err)
		}
		if len(rows) > 0 {
			r[t.table] = rows
		}
	}
	for _, run := range r["run"] {
		delete(run, "status_url")
	}
	return json.Marshal(r)
}

// rowsOf gives the rows of a query, by column.
func (l *Ledger) rowsOf(ctx context.Context, query string, args ...any) (list []map[string]any, err error) {
	rows, err := l.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		values, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		row := map[string]any{}
		for i, c := range columns {
			if values[i] != nil {
				row[c] = values[i]
			}
		}
		list = append(list, row)
	}
	return list, rows.Err()
}

// ErrRecord says that a record of a run is not one.
var ErrRecord = errors.New("this is no record of a run")

// Restore makes again what records say, in the order of their runs, in a ledger that
// has no run yet, and moves the watermarks to where the runs left them. The error is an
// ErrRecord where a record cannot be read.
func (l *Ledger) Restore(ctx context.Context, records [][]byte) error {
	return l.inTx(ctx, "restore", func(tx *sql.Tx) error {
		for _, text := range records {
			if err := restore(ctx, tx, text); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO watermark (source, run, transaction_time)
			SELECT source, id, CASE WHEN kept_since.run IS NULL THEN transaction_time ELSE since END AS at
			FROM run LEFT JOIN kept_since ON kept_since.run = run.id WHERE at IS NOT NULL AND number IN
			(SELECT max(number) FROM run WHERE kind = 'sync' AND state = ? AND transaction_time IS NOT NULL GROUP BY source)`, Promoted)
		return err
	})
}

func restore(ctx context.Context, tx *sql.Tx, text []byte) error {
	var r record
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // hashes have 64 bits
	if err := d.Decode(&r); err != nil || len(r["run"]) != 1 {
		return ErrRecord
	}
	for _, t := range recorded {
		known, err := columnsOf(ctx, tx, t.table)
		if err != nil {
			return err
		}
		for _, row := range r[t.table] {
			if err := insertRow(ctx, tx, t.table, known, row); err != nil {
				return fmt.Errorf("%w: %s: %w", ErrRecord, t.table, err)
			}
		}
	}
	return nil
}

// insertRow inserts a row into a table whose columns are known: the row's keys must be
// among them.
func insertRow(ctx context.Context, tx *sql.Tx, table string, known []string, row map[string]any) error {
	var columns []string
	var values []any
	for name, value := range row {
		if !slices.Contains(known, name) {
			return errors.New("it has a column that this version does not know")
		}
		columns = append(columns, name)
		if n, ok := value.(json.Number); ok {
			value = string(n) // SQLite gives it the column's type, exactly
		}
		values = append(values, value)
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(columns)), ", ")
	_, err := tx.ExecContext(ctx, "INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") VALUES ("+marks+")", values...)
	return err
}

func columnsOf(ctx context.Context, tx *sql.Tx, table string) (columns []string, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT name FROM pragma_table_info(?)", table)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // read only
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		columns = append(columns, name)
	}
	return columns, rows.Err()
}
