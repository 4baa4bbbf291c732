package ledger

import (
	"context"
	"database/sql"
	"time"
)

// Message says that a hook is to be told of a run, once readers see it.
type Message struct {
	Run      string
	Hook     string // name
	Attempts int    // that failed
	Error    string // of the last attempt; "" for none
}

// insertMessages puts a run's messages into the outbox.
func insertMessages(ctx context.Context, tx *sql.Tx, runID string, hooks []string) error {
	for _, hook := range hooks {
		if _, err := tx.ExecContext(ctx, `INSERT INTO outbox (run, hook) VALUES (?, ?) ON CONFLICT DO NOTHING`, runID, hook); err != nil {
			return err
		}
	}
	return nil
}

// Outbox lists the messages that were not delivered, of runs that readers see, the
// oldest first.
func (l *Ledger) Outbox(ctx context.Context) (messages []Message, err error) {
	return collect(ctx, l.db, "outbox", func(rows *sql.Rows) (m Message, err error) {
		err = rows.Scan(&m.Run, &m.Hook, &m.Attempts, &m.Error)
		return m, err
	}, `SELECT outbox.run, hook, attempts, coalesce(outbox.error, '') FROM outbox JOIN run ON run.id = outbox.run
		WHERE delivered IS NULL AND state = ? ORDER BY number, hook`, Promoted)
}

// Delivered records that a message was delivered.
func (l *Ledger) Delivered(ctx context.Context, m Message) error {
	return l.exec(ctx, "record delivery", `UPDATE outbox SET delivered = ?, error = NULL WHERE run = ? AND hook = ?`, stamp(time.Now()), m.Run, m.Hook)
}

// Undelivered records that a message could not be delivered, for a reason that holds no
// content.
func (l *Ledger) Undelivered(ctx context.Context, m Message, reason string) error {
	return l.exec(ctx, "record delivery", `UPDATE outbox SET attempts = attempts + 1, error = ? WHERE run = ? AND hook = ?`, reason, m.Run, m.Hook)
}
