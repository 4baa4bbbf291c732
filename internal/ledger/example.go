package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
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
	rows, err := l.db.QueryContext(ctx, `SELECT table_name, column_name, reason, file, line FROM value_example WHERE run = ? ORDER BY table_name, column_name, reason, file, line`, runID)
	if err != nil {
		return nil, fmt.Errorf("ledger: read examples: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var e Example
		if err := rows.Scan(&e.Table, &e.Column, &e.Reason, &e.File, &e.Line); err != nil {
			return nil, fmt.Errorf("ledger: read examples: %w", err)
		}
		examples = append(examples, e)
	}
	return examples, rows.Err()
}
