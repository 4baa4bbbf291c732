package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// Numbered is a line of a run whose meta.versionId is a number that its row does not tell.
type Numbered struct {
	File   string
	Line   int64  // from 1
	Number string // digits
}

func insertNumbered(ctx context.Context, tx *sql.Tx, runID string, p Page) error {
	if len(p.Numbered) == 0 {
		return nil
	}
	var lines strings.Builder
	for _, n := range p.Numbered {
		fmt.Fprintln(&lines, n.Line, n.Number)
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO numbered (run, file, first, lines) VALUES (?, ?, ?, ?)`, runID, p.File, p.First, lines.String())
	return err
}

// EachNumbered calls do for each such line of an unfinished run.
func (l *Ledger) EachNumbered(ctx context.Context, runID string, do func(Numbered)) (err error) {
	rows, err := l.db.QueryContext(ctx, `SELECT file, lines FROM numbered WHERE run = ?`, runID)
	if err != nil {
		return fmt.Errorf("ledger: read versions: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var n Numbered
		var lines string
		if err := rows.Scan(&n.File, &lines); err != nil {
			return fmt.Errorf("ledger: read versions: %w", err)
		}
		for line := range strings.Lines(lines) {
			if _, err := fmt.Sscan(line, &n.Line, &n.Number); err != nil {
				return fmt.Errorf("ledger: read versions: %w", err)
			}
			do(n)
		}
	}
	return rows.Err()
}
