package ledger

import (
	"context"
	"database/sql"
)

// NotRead are the types that a run could not bring, sorted.
type NotRead struct {
	Unreadable []string // asked for, and the token does not let all of them be read
	LeftOut    []string // not asked for, since the server does not export them
}

// The causes in the table not_read.
const (
	unreadable = "unreadable"
	leftOut    = "left out"
)

// SetNotRead records the types that a run cannot bring.
func (l *Ledger) SetNotRead(ctx context.Context, runID string, n NotRead) error {
	return l.inTx(ctx, "record types that are not read", func(tx *sql.Tx) error {
		for cause, types := range map[string][]string{unreadable: n.Unreadable, leftOut: n.LeftOut} {
			for _, t := range types {
				if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO not_read (run, cause, resource_type) VALUES (?, ?, ?)`, runID, cause, t); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// NotRead are the types that a run could not bring.
func (l *Ledger) NotRead(ctx context.Context, runID string) (n NotRead, err error) {
	for cause, types := range map[string]*[]string{unreadable: &n.Unreadable, leftOut: &n.LeftOut} {
		if *types, err = collect(ctx, l.db, "types that were not read", text, `SELECT resource_type FROM not_read WHERE run = ? AND cause = ? ORDER BY resource_type`, runID, cause); err != nil {
			return NotRead{}, err
		}
	}
	return n, nil
}
