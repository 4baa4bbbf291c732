package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// KeepSince records that, once readers see the run, its source's watermark is since, and
// not the run's transactionTime; the zero time is none, so that everything is asked for.
// With again what the run read of published files is asked for again, too.
func (l *Ledger) KeepSince(ctx context.Context, runID string, since time.Time, again bool) error {
	return l.inTx(ctx, "keep watermark", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO kept_since (run, since) VALUES (?, ?) ON CONFLICT DO UPDATE SET since = excluded.since`, runID, stamp(since))
		if err == nil && again {
			_, err = tx.ExecContext(ctx, `DELETE FROM published WHERE run = ?`, runID)
		}
		return err
	})
}

// moveWatermark sets the source's watermark to where the run leaves it.
func moveWatermark(ctx context.Context, tx *sql.Tx, r Run) error {
	var kept sql.NullString
	err := tx.QueryRowContext(ctx, `SELECT since FROM kept_since WHERE run = ?`, r.ID).Scan(&kept)
	at := r.TransactionTime
	switch {
	case err == nil:
		at = unstamp(kept)
	case !errors.Is(err, sql.ErrNoRows):
		return err
	case at.IsZero():
		return nil
	}
	if at.IsZero() {
		_, err = tx.ExecContext(ctx, `DELETE FROM watermark WHERE source = ?`, r.Source)
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO watermark (source, run, transaction_time) VALUES (?, ?, ?)
		ON CONFLICT (source) DO UPDATE SET run = excluded.run, transaction_time = excluded.transaction_time`, r.Source, r.ID, stamp(at))
	return err
}
