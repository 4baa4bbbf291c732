package ledger

import (
	"context"
	"database/sql"
)

// owe notes that the server must be told that it may forget a run's export: it is
// promoted, or failed. A crash must not leave exports on the server,
// since servers run few for a client at a time.
func owe(ctx context.Context, tx *sql.Tx, runID string) error {
	_, err := tx.ExecContext(ctx, `UPDATE run SET owed = 1 WHERE id = ? AND kind = 'sync' AND coalesce(status_url, '') <> ''`, runID)
	return err
}

// Owed are the source's runs whose exports the server has not been told to forget, the
// oldest first.
func (l *Ledger) Owed(ctx context.Context, source string) ([]Run, error) {
	return l.runs(ctx, `SELECT `+runColumns+` FROM run WHERE owed AND source = ? ORDER BY number`, source)
}

// Told records that the server was told to forget the run's export, or will not be.
func (l *Ledger) Told(ctx context.Context, runID string) error {
	return l.exec(ctx, "record the end of an export", `UPDATE run SET owed = 0 WHERE id = ?`, runID)
}
