package ledger

import (
	"context"
	"database/sql"
)

// MaxExamples is how many values that did not fit the ledger names, for each column
// of a run and each reason. All are counted.
const MaxExamples = 20

// Example says where a value stood that did not fit its column.
type Example struct {
	Table, Column, Reason string
	File                  string
	Line                  int64
}

func insertExamples(ctx context.Context, tx *sql.Tx, runID string, examples []Example) error {
	for _, e := range examples {
		if _, err := tx.ExecContext(ctx, `INSERT INTO value_example (run, table_name, column_name, reason, file, line)
			SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE ?7 > (SELECT count(*) FROM value_example WHERE run = ?1 AND table_name = ?2 AND column_name = ?3 AND reason = ?4)
			ON CONFLICT DO NOTHING`, runID, e.Table, e.Column, e.Reason, e.File, e.Line, MaxExamples); err != nil {
			return err
		}
	}
	return nil
}

// Examples lists where values of a run did not fit their columns, by table, column
// and line.
func (l *Ledger) Examples(ctx context.Context, runID string) (examples []Example, err error) {
	return collect(ctx, l.db, "examples", func(rows *sql.Rows) (e Example, err error) {
		err = rows.Scan(&e.Table, &e.Column, &e.Reason, &e.File, &e.Line)
		return e, err
	}, `SELECT table_name, column_name, reason, file, line FROM value_example WHERE run = ? ORDER BY table_name, column_name, reason, file, line`, runID)
}
