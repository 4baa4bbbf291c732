package ledger

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"syscall"
	"testing"
)

// What the ledger says survives a power loss: every connection syncs at each commit
// (FULL or EXTRA), into a log that is written ahead.
func TestEveryCommitIsSynced(t *testing.T) {
	l, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // only read
	var conns []*sql.Conn
	for range 3 { // at the same time, so that they are three
		c, err := l.db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close() //nolint:errcheck // only read
		conns = append(conns, c)
	}
	for n, c := range conns {
		var synchronous int
		var journal string
		if err := errors.Join(c.QueryRowContext(t.Context(), "PRAGMA synchronous").Scan(&synchronous), c.QueryRowContext(t.Context(), "PRAGMA journal_mode").Scan(&journal)); err != nil {
			t.Fatal(err)
		}
		const full, extra = 2, 3
		if synchronous != full && synchronous != extra || journal != "wal" {
			t.Errorf("connection %d: synchronous = %d, journal_mode = %s", n, synchronous, journal)
		}
	}
}

// A full disk is one for the callers too, and says where.
func TestFullDiskNamesTheLedger(t *testing.T) {
	l, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // only read
	l.db.SetMaxOpenConns(1)
	var pages int
	if err := l.db.QueryRowContext(t.Context(), "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	if _, err := l.db.ExecContext(t.Context(), "PRAGMA max_page_count = 1"); err != nil { // SQLite takes what there is
		t.Fatal(err)
	}
	for range 1000 {
		if _, err = l.Begin(context.Background(), Run{Source: strings.Repeat("s", 4000), Kind: "sync"}); err != nil {
			break
		}
	}
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), l.path) {
		t.Errorf("after %d pages: %v", pages, err)
	}
}
