package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// SetUnreadable records which of the types that a run asks for the token does not let be
// read: the run does not bring them, or not all of them.
func (l *Ledger) SetUnreadable(ctx context.Context, runID string, types []string) error {
	return l.inTx(ctx, "record unreadable types", func(tx *sql.Tx) error {
		for _, t := range types {
			if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO unreadable (run, resource_type) VALUES (?, ?)`, runID, t); err != nil {
				return err
			}
		}
		return nil
	})
}

// Unreadable are the types that a run asked for and could not read, sorted.
func (l *Ledger) Unreadable(ctx context.Context, runID string) (types []string, err error) {
	rows, err := l.db.QueryContext(ctx, `SELECT resource_type FROM unreadable WHERE run = ? ORDER BY resource_type`, runID)
	if err != nil {
		return nil, fmt.Errorf("ledger: read unreadable types: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var t string
		if err := rows.Scan(&t); err != nil {
			return nil, fmt.Errorf("ledger: read unreadable types: %w", err)
		}
		types = append(types, t)
	}
	return types, rows.Err()
}
