package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"modernc.org/sqlite" // registers the driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/claimlake/claimlake/internal/durable"
	"github.com/claimlake/claimlake/internal/seal"
)

// FileName is the ledger's name in the lake's folder.
const FileName = "ledger.db"

const timeFormat = "2006-01-02T15:04:05.000000Z"

// ErrNoRun says that the ledger has no run of the given id.
var ErrNoRun = errors.New("no such run")

// Ledger is the open sync state of one lake. Its methods are safe for
// concurrent use; each that writes is one transaction.
type Ledger struct {
	db   *sql.DB
	path string
	keys *seal.Keys // see SealWith

	mu sync.Mutex // one transaction at a time, as SQLite has it
}

// Open opens the ledger in the folder dir, and makes it when it is not there.
func Open(ctx context.Context, dir string) (*Ledger, error) {
	path := filepath.Join(dir, FileName)
	if err := makeFile(path); err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)&_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("open ledger %s: %w", path, err)
	}
	l := &Ledger{db: db, path: path}
	done, err := migrated(ctx, db)
	if err == nil && !done {
		err = l.inTx(ctx, "bring up to date", func(tx *sql.Tx) error { return migrate(ctx, tx) })
	}
	switch {
	case errors.Is(err, ErrNewer):
		err = fmt.Errorf("open ledger %s: %w", path, err)
	case err != nil:
		err = fmt.Errorf("open ledger %s: %w; is it a claimlake ledger, and may you write there?", path, l.full(err))
	}
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	return l, nil
}

// makeFile makes the database's file, empty and mode 0600, if it is not there: SQLite
// would make one that others may read.
func makeFile(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	f, err := durable.OpenFile(path, os.O_CREATE|os.O_RDWR)
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), durable.SyncDir(filepath.Dir(path)))
}

// full makes SQLite's error of a full disk that of the system, and names the file.
func (l *Ledger) full(err error) error {
	if e, ok := errors.AsType[*sqlite.Error](err); ok && e.Code()&0xff == sqlite3.SQLITE_FULL {
		return &fs.PathError{Op: "write", Path: l.path, Err: syscall.ENOSPC}
	}
	return err
}

// Close closes the database.
func (l *Ledger) Close() error {
	if err := l.db.Close(); err != nil {
		return err
	}
	durable.Commit(l.path) // of what was in its log
	return nil
}

// inTx runs do in one transaction.
func (l *Ledger) inTx(ctx context.Context, what string, do func(*sql.Tx) error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	tx, err := l.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("ledger: %s: %w", what, l.full(err))
	}
	if err := do(tx); err != nil {
		return errors.Join(fmt.Errorf("ledger: %s: %w", what, l.full(err)), ignoreDone(tx.Rollback()))
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("ledger: %s: %w", what, l.full(err))
	}
	durable.Commit(l.path)
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
