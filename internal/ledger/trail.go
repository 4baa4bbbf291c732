package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Trail is what the ledger knows of the lake's audit trail: the public half of its key,
// and the event that was the last one. The trail must have both.
type Trail struct {
	Key  string // Ed25519, hex
	Seq  int64
	Hash string // SHA-256 of the event's line, hex
}

// Trail gives what the ledger knows of the audit trail; ok is false where that is nothing.
func (l *Ledger) Trail(ctx context.Context) (t Trail, ok bool, err error) {
	err = l.db.QueryRowContext(ctx, `SELECT key, seq, hash FROM trail`).Scan(&t.Key, &t.Seq, &t.Hash)
	if errors.Is(err, sql.ErrNoRows) {
		return Trail{}, false, nil
	}
	if err != nil {
		return Trail{}, false, fmt.Errorf("ledger: read the audit trail's head: %w", err)
	}
	return t, true, nil
}

// SetTrail notes the audit trail's head.
func (l *Ledger) SetTrail(ctx context.Context, t Trail) error {
	return l.exec(ctx, "note the audit trail's head", `INSERT INTO trail (one, key, seq, hash) VALUES (1, ?, ?, ?)
		ON CONFLICT DO UPDATE SET key = excluded.key, seq = excluded.seq, hash = excluded.hash`, t.Key, t.Seq, t.Hash)
}

// ServerTime is the latest transactionTime of a promoted sync, by the servers' clocks;
// zero before the first.
func (l *Ledger) ServerTime(ctx context.Context) (time.Time, error) {
	var at sql.NullString
	if err := l.db.QueryRowContext(ctx, `SELECT max(transaction_time) FROM run WHERE kind = 'sync' AND state = ?`, Promoted).Scan(&at); err != nil {
		return time.Time{}, fmt.Errorf("ledger: read the last transactionTime: %w", err)
	}
	return unstamp(at), nil
}
