package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// recorded are the tables that a record of a run has rows of, with the column that
// names the run. Who is still to be told of the run is not among them.
var recorded = []struct{ table, run string }{
	{"run", "id"}, {"not_read", "run"}, {"file", "run"}, {"page", "run"}, {"archived", "run"},
	{"part", "run"}, {"reject", "run"}, {"value_reject", "run"}, {"value_example", "run"}, {"replayed", "by_run"}, {"coverage", "run"},
	{"finding", "run"},
}

// unrecorded are the columns of a run that only an unfinished one needs. A record has no
// URL of the export.
var unrecorded = []string{"status_url", "poll_next", "poll_every", "held", "owed"}

// record is the JSON of a run: the rows of each table, as SQLite has them.
type record map[string][]map[string]any

// versionTable is in a record what user_version is in a ledger, as a table of one row.
// Records that have none are of version 1.
const versionTable = "ledger"

func (r record) version() (int, error) {
	rows, ok := r[versionTable]
	if !ok {
		return 1, nil
	}
	if len(rows) != 1 {
		return 0, ErrRecord
	}
	n, ok := rows[0]["version"].(json.Number)
	if !ok {
		return 0, ErrRecord
	}
	v, err := n.Int64()
	if err != nil || v < 1 {
		return 0, ErrRecord
	}
	if v > int64(latest()) {
		return 0, ErrNewer
	}
	return int(v), nil
}

// Record gives what the ledger has of a promoted run, as JSON, from which Restore makes
// it again.
func (l *Ledger) Record(ctx context.Context, runID string) ([]byte, error) {
	r := record{versionTable: {{"version": latest()}}}
	for _, t := range recorded {
		rows, err := rowsOf(ctx, l.db, t.table, "WHERE "+t.run+" = ?", runID)
		if err != nil {
			return nil, fmt.Errorf("record of run %s: %w", runID, err)
		}
		if len(rows) > 0 {
			r[t.table] = rows
		}
	}
	for _, run := range r["run"] {
		for _, column := range unrecorded {
			delete(run, column)
		}
	}
	return json.Marshal(r)
}

// rowsOf gives rows of a table, by column, without nulls.
func rowsOf(ctx context.Context, q querier, table, where string, args ...any) ([]map[string]any, error) {
	return collect(ctx, q, table, func(rows *sql.Rows) (map[string]any, error) {
		columns, err := rows.Columns()
		if err != nil {
			return nil, err
		}
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
		return row, nil
	}, "SELECT * FROM "+table+" "+where, args...)
}

// ErrRecord says that a record of a run is not one.
var ErrRecord = errors.New("this is no record of a run")

// Restore makes again what records say, in the order of their runs, in a ledger that
// has no run yet, and moves the watermarks to where the runs left them. Records of older
// versions go through the migrations. The error is an ErrRecord where a record cannot be
// read, and an ErrNewer where a later claimlake wrote one.
func (l *Ledger) Restore(ctx context.Context, records [][]byte) error {
	tables, err := migratedRecords(ctx, records)
	if err != nil {
		return fmt.Errorf("ledger: restore: %w", err)
	}
	return l.inTx(ctx, "restore", func(tx *sql.Tx) error {
		if err := insertRecord(ctx, tx, tables); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO watermark (source, run, transaction_time)
			SELECT source, id, CASE WHEN keeps_since THEN kept_since ELSE transaction_time END AS at
			FROM run WHERE at IS NOT NULL AND number IN
			(SELECT max(number) FROM run WHERE kind = 'sync' AND state = ? AND transaction_time IS NOT NULL GROUP BY source)`, Promoted)
		return err
	})
}

// migratedRecords gives the rows of records as a ledger of today has them: those of each
// version go into a ledger of that version, in memory, which is then migrated.
func migratedRecords(ctx context.Context, records [][]byte) (record, error) {
	byVersion := map[int][]record{}
	for _, text := range records {
		r, err := readRecord(text)
		if err != nil {
			return nil, err
		}
		version, err := r.version()
		if err != nil {
			return nil, err
		}
		delete(r, versionTable)
		byVersion[version] = append(byVersion[version], r)
	}
	db, err := sql.Open("sqlite", "file::memory:?_pragma=foreign_keys(1)")
	if err != nil {
		return nil, err
	}
	defer db.Close()      //nolint:errcheck // in memory
	db.SetMaxOpenConns(1) // each connection has a memory of its own
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback() //nolint:errcheck // in memory
	for version := 1; version <= latest(); version++ {
		if err := migrateTo(ctx, tx, version); err != nil {
			return nil, err
		}
		for _, r := range byVersion[version] {
			if err := insertRecord(ctx, tx, r); err != nil {
				return nil, err
			}
		}
	}
	all := record{}
	for _, t := range recorded {
		if all[t.table], err = rowsOf(ctx, tx, t.table, "ORDER BY rowid"); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func readRecord(text []byte) (r record, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // hashes have 64 bits
	if err := d.Decode(&r); err != nil || len(r["run"]) != 1 {
		return nil, ErrRecord
	}
	return r, nil
}

// insertRecord inserts the rows of a record: first those of run, which all others refer to.
func insertRecord(ctx context.Context, tx *sql.Tx, r record) error {
	tables := slices.DeleteFunc(slices.Sorted(maps.Keys(r)), func(t string) bool { return t == "run" })
	for _, table := range slices.Insert(tables, 0, "run") {
		known, err := collect(ctx, tx, "columns", text, "SELECT name FROM pragma_table_info(?)", table)
		if err != nil {
			return err
		}
		if len(known) == 0 {
			return fmt.Errorf("%w: it has a table that this version does not know", ErrRecord)
		}
		for _, row := range r[table] {
			if err := insertRow(ctx, tx, table, known, row); err != nil {
				return fmt.Errorf("%w: %s: %w", ErrRecord, table, err)
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
