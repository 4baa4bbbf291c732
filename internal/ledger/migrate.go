package ledger

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
)

// migrations are numbered from 0001. A new one is a new file: those that are there were
// applied to people's ledgers and must not change.
//
//go:embed migrations/*.sql
var migrations embed.FS

// ErrNewer reports a ledger, or a record of a run, that a later claimlake wrote.
var ErrNewer = errors.New("a newer claimlake wrote it: use that version")

// latest is the version of a ledger that has all migrations.
func latest() int {
	files, err := migrations.ReadDir("migrations")
	if err != nil {
		panic(err) // it is in the program
	}
	return len(files)
}

// migrated reports whether the ledger has all migrations.
func migrated(ctx context.Context, db *sql.DB) (bool, error) {
	var version int
	err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version)
	if err == nil && version > latest() {
		err = ErrNewer
	}
	return version == latest(), err
}

// migrate applies the migrations that a ledger lacks.
func migrate(ctx context.Context, tx *sql.Tx) error {
	var version int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	for version++; version <= latest(); version++ {
		if err := migrateTo(ctx, tx, version); err != nil {
			return err
		}
	}
	return nil
}

// migrateTo applies a migration, the next one.
func migrateTo(ctx context.Context, tx *sql.Tx, version int) error {
	statements, err := migrations.ReadFile(fmt.Sprintf("migrations/%04d.sql", version))
	if err == nil {
		_, err = tx.ExecContext(ctx, string(statements))
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version))
	}
	if err != nil {
		return fmt.Errorf("migration %04d: %w", version, err)
	}
	return nil
}
