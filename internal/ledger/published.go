package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Published is the last page that a sync of published files read: where to look for
// what is new.
type Published struct {
	URL             string // its query may be a credential: not for logs
	ETag            string
	TransactionTime time.Time
}

// SetPublished records where a run's source ends. It counts once the run is promoted.
func (l *Ledger) SetPublished(ctx context.Context, runID string, p Published) error {
	url, err := l.hide(p.URL, publishedPlace(runID))
	if err != nil {
		return err
	}
	return l.exec(ctx, "record published page", `UPDATE run SET published_page = ?, published_etag = ?, published_time = ? WHERE id = ?`,
		url, p.ETag, stamp(p.TransactionTime), runID)
}

// LastPublished is where the last promoted run of a source ended; zero where there is
// none.
func (l *Ledger) LastPublished(ctx context.Context, source string) (p Published, err error) {
	var run string
	var at sql.NullString
	err = l.db.QueryRowContext(ctx, `SELECT id, published_page, published_etag, published_time FROM run
		WHERE published_page IS NOT NULL AND source = ? AND state = ? ORDER BY number DESC LIMIT 1`, source, Promoted).Scan(&run, &p.URL, &p.ETag, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return Published{}, nil
	}
	if err != nil {
		return Published{}, fmt.Errorf("ledger: read published page: %w", err)
	}
	p.TransactionTime = unstamp(at)
	p.URL, err = l.reveal(p.URL, publishedPlace(run))
	return p, err
}

// SetWhole records that a run turned out to ask for everything.
func (l *Ledger) SetWhole(ctx context.Context, runID string) error {
	return l.exec(ctx, "record full run", `UPDATE run SET whole = 1 WHERE id = ?`, runID)
}
