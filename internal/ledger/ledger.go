package ledger

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // registers the driver "sqlite"

	"github.com/claimlake/claimlake/internal/seal"
)

//go:embed schema.sql
var schema string

// FileName is the ledger's name in the lake's folder.
const FileName = "ledger.db"

const timeFormat = "2006-01-02T15:04:05.000000Z"

// ErrNoRun says that the ledger has no run of the given id.
var ErrNoRun = errors.New("no such run")

// Ledger is the open sync state of one lake. Its methods are safe for
// concurrent use; each that writes is one transaction.
type Ledger struct {
	db   *sql.DB
	keys *seal.Keys // see SealWith
}

// Open opens the ledger in the folder dir, and makes it when it is not there.
func Open(ctx context.Context, dir string) (*Ledger, error) {
	path := filepath.Join(dir, FileName)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) // SQLite would make it world-readable
	if err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)&_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("open ledger %s: %w", path, err)
	}
	if _, err := db.ExecContext(ctx, schema); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open ledger %s: %w; is it a claimlake ledger, and may you write there?", path, err)
	}
	return &Ledger{db: db}, nil
}

// Close closes the database.
func (l *Ledger) Close() error { return l.db.Close() }

// inTx runs do in one transaction.
func (l *Ledger) inTx(ctx context.Context, what string, do func(*sql.Tx) error) error {
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("ledger: %s: %w", what, err)
	}
	if err := do(tx); err != nil {
		return errors.Join(fmt.Errorf("ledger: %s: %w", what, err), ignoreDone(tx.Rollback()))
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("ledger: %s: %w", what, err)
	}
	return nil
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// stamp writes a time as the ledger keeps it; the zero time is NULL.
func stamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(timeFormat)
}

// unstamp reads what stamp wrote.
func unstamp(s sql.NullString) time.Time {
	t, _ := time.Parse(timeFormat, s.String)
	return t
}
