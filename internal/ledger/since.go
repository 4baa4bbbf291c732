package ledger

import (
	"context"
	"database/sql"
	"time"
)

// KeepSince records that, once readers see the run, its source's watermark is since, and
// not the run's transactionTime; the zero time is none, so that everything is asked for.
// With again what the run read of published files is asked for again, too.
func (l *Ledger) KeepSince(ctx context.Context, runID string, since time.Time, again bool) error {
	set := `keeps_since = 1, kept_since = ?`
	if again {
		set += `, published_page = NULL, published_etag = NULL, published_time = NULL`
	}
	return l.exec(ctx, "keep watermark", `UPDATE run SET `+set+` WHERE id = ?`, stamp(since), runID)
}

// moveWatermark sets the source's watermark to where the run leaves it.
func moveWatermark(ctx context.Context, tx *sql.Tx, r Run) error {
	var keeps bool
	var kept sql.NullString
	err := tx.QueryRowContext(ctx, `SELECT keeps_since, kept_since FROM run WHERE id = ?`, r.ID).Scan(&keeps, &kept)
	at := r.TransactionTime
	switch {
	case err != nil:
		return err
	case keeps:
		at = unstamp(kept)
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
