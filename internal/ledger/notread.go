package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// NotRead are the types that a run could not bring, sorted.
type NotRead struct {
	Unreadable []string // asked for, and the token does not let all of them be read
	LeftOut    []string // not asked for, since the server does not export them
}

// SetNotRead records the types that a run cannot bring.
func (l *Ledger) SetNotRead(ctx context.Context, runID string, n NotRead) error {
	return l.inTx(ctx, "record types that are not read", func(tx *sql.Tx) error {
		for table, types := range map[string][]string{"unreadable": n.Unreadable, "left_out": n.LeftOut} {
			for _, t := range types {
				if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO `+table+` (run, resource_type) VALUES (?, ?)`, runID, t); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// NotRead are the types that a run could not bring.
func (l *Ledger) NotRead(ctx context.Context, runID string) (n NotRead, err error) {
	for table, types := range map[string]*[]string{"unreadable": &n.Unreadable, "left_out": &n.LeftOut} {
		if *types, err = l.typesIn(ctx, table, runID); err != nil {
			return NotRead{}, err
		}
	}
	return n, nil
}

func (l *Ledger) typesIn(ctx context.Context, table, runID string) (types []string, err error) {
	rows, err := l.db.QueryContext(ctx, `SELECT resource_type FROM `+table+` WHERE run = ? ORDER BY resource_type`, runID)
	if err != nil {
		return nil, fmt.Errorf("ledger: read types that were not read: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var t string
		if err := rows.Scan(&t); err != nil {
			return nil, fmt.Errorf("ledger: read types that were not read: %w", err)
		}
		types = append(types, t)
	}
	return types, rows.Err()
}
