package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Page is a page whose rows are durable in all stores.
type Page struct {
	File   string
	First  int64  // number of its first line, from 1
	Lines  int    // in the page, blank ones counted
	Offset int64  // in the decoded file, bytes
	Hash   uint64 // xxh3 of its bytes: a resumed run compares them
	Token  string // what the source needs to go on after it; "" where it cannot. Not for logs
	Counts
	Archived Archived
	Came     []Came     // lines of the page whose rows are there already
	Numbered []Numbered // lines of the page whose rows do not tell their versions' numbers
}

// Part is a Parquet file that holds rows of a run.
type Part struct {
	Table  string
	Path   string // relative to the lake
	Rows   int64
	Bytes  int64
	SHA256 string
}

// Reject is a line that is in quarantine.
type Reject struct {
	File   string
	Line   int64
	Offset int64 // in the decoded file, bytes
	Bytes  int
	Reason string // never holds content
}

// ValueReject counts the values that did not fit a column.
type ValueReject struct {
	Table, Column, Reason string
	Count                 int64
}

// Checkpoint is what became durable together.
type Checkpoint struct {
	Pages   []Page
	Parts   []Part
	Rejects []Reject
	Values  []ValueReject

	Examples []Example  // of the values that did not fit
	Coverage []Coverage // of the sampled lines
}

// Commit records a checkpoint in one transaction: its pages are done, its parts
// belong to the run, and the counts of its files grow.
func (l *Ledger) Commit(ctx context.Context, runID string, c Checkpoint) error {
	return l.inTx(ctx, "checkpoint", func(tx *sql.Tx) error {
		return errors.Join(
			l.insertPages(ctx, tx, runID, c.Pages),
			insertParts(ctx, tx, runID, c.Parts),
			insertRejects(ctx, tx, runID, c.Rejects),
			insertValues(ctx, tx, runID, c.Values),
			insertExamples(ctx, tx, runID, c.Examples),
			insertCoverage(ctx, tx, runID, c.Coverage),
		)
	})
}

func (l *Ledger) insertPages(ctx context.Context, tx *sql.Tx, runID string, pages []Page) error {
	for _, p := range pages {
		if _, err := tx.ExecContext(ctx, `INSERT INTO page (run, file, first, lines, offset, bytes, hash) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			runID, p.File, p.First, p.Lines, p.Offset, p.Bytes, int64(p.Hash)); err != nil {
			return err
		}
		if err := errors.Join(l.insertMark(ctx, tx, runID, p), insertArchived(ctx, tx, runID, p), insertCame(ctx, tx, runID, p), insertNumbered(ctx, tx, runID, p)); err != nil {
			return err
		}
		c := p.Counts
		if _, err := tx.ExecContext(ctx, `UPDATE file SET bytes = bytes + ?, lines = lines + ?, landed = landed + ?, unchanged = unchanged + ?,
			unmapped = unmapped + ?, rejected = rejected + ? WHERE run = ? AND id = ?`,
			c.Bytes, c.Lines, c.Landed, c.Unchanged, c.Unmapped, c.Rejected, runID, p.File); err != nil {
			return err
		}
	}
	return nil
}

func (l *Ledger) insertMark(ctx context.Context, tx *sql.Tx, runID string, p Page) error {
	if p.Token == "" {
		return nil
	}
	token, err := l.hide(p.Token, markPlace(runID, p.File, p.First))
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO mark (run, file, first, token) VALUES (?, ?, ?, ?)`, runID, p.File, p.First, token)
	return err
}

func insertParts(ctx context.Context, tx *sql.Tx, runID string, parts []Part) error {
	for _, p := range parts {
		if _, err := tx.ExecContext(ctx, `INSERT INTO part (run, table_name, path, rows, bytes, sha256) VALUES (?, ?, ?, ?, ?, ?)`,
			runID, p.Table, p.Path, p.Rows, p.Bytes, p.SHA256); err != nil {
			return err
		}
	}
	return nil
}

func insertRejects(ctx context.Context, tx *sql.Tx, runID string, rejects []Reject) error {
	for _, r := range rejects {
		if _, err := tx.ExecContext(ctx, `INSERT INTO reject (run, file, line, offset, bytes, reason) VALUES (?, ?, ?, ?, ?, ?)`,
			runID, r.File, r.Line, r.Offset, r.Bytes, r.Reason); err != nil {
			return err
		}
	}
	return nil
}

func insertValues(ctx context.Context, tx *sql.Tx, runID string, values []ValueReject) error {
	for _, v := range values {
		if _, err := tx.ExecContext(ctx, `INSERT INTO value_reject (run, table_name, column_name, reason, count) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET count = count + excluded.count`, runID, v.Table, v.Column, v.Reason, v.Count); err != nil {
			return err
		}
	}
	return nil
}

// Parts lists the Parquet files of a run by path.
func (l *Ledger) Parts(ctx context.Context, runID string) ([]Part, error) {
	return l.parts(ctx, `SELECT table_name, path, rows, bytes, sha256 FROM part WHERE run = ? ORDER BY path`, runID)
}

// LiveParts lists the Parquet files of all runs that did not fail.
func (l *Ledger) LiveParts(ctx context.Context) ([]Part, error) {
	return l.parts(ctx, `SELECT table_name, path, rows, bytes, sha256 FROM part WHERE run IN (SELECT id FROM run WHERE state <> ?) ORDER BY path`, Failed)
}

// PartsBefore lists the Parquet files of the runs that readers see, and that finished
// before a time.
func (l *Ledger) PartsBefore(ctx context.Context, before time.Time) ([]Part, error) {
	return l.parts(ctx, `SELECT table_name, path, rows, bytes, sha256 FROM part WHERE run IN (SELECT id FROM run WHERE state = ? AND finished < ?) ORDER BY path`, Promoted, stamp(before))
}

// ForgetParts forgets Parquet files, by their paths, which may then be removed.
func (l *Ledger) ForgetParts(ctx context.Context, paths []string) error {
	return l.inTx(ctx, "forget parts", func(tx *sql.Tx) error {
		for _, path := range paths {
			if _, err := tx.ExecContext(ctx, `DELETE FROM part WHERE path = ?`, path); err != nil {
				return err
			}
		}
		return nil
	})
}

func (l *Ledger) parts(ctx context.Context, query string, args ...any) (parts []Part, err error) {
	return collect(ctx, l.db, "parts", func(rows *sql.Rows) (p Part, err error) {
		err = rows.Scan(&p.Table, &p.Path, &p.Rows, &p.Bytes, &p.SHA256)
		return p, err
	}, query, args...)
}

// Rejects lists the lines of a run that are in quarantine, by file and line,
// at most limit of them.
func (l *Ledger) Rejects(ctx context.Context, runID string, limit int) (rejects []Reject, err error) {
	return collect(ctx, l.db, "rejects", func(rows *sql.Rows) (r Reject, err error) {
		err = rows.Scan(&r.File, &r.Line, &r.Offset, &r.Bytes, &r.Reason)
		return r, err
	}, `SELECT file, line, offset, bytes, reason FROM reject WHERE run = ? ORDER BY file, line LIMIT ?`, runID, limit)
}

// RejectedFor counts the lines of a run that could not be used for one reason.
func (l *Ledger) RejectedFor(ctx context.Context, runID, reason string) (n int64, err error) {
	if err := l.db.QueryRowContext(ctx, `SELECT count(*) FROM reject WHERE run = ? AND reason = ?`, runID, reason).Scan(&n); err != nil {
		return 0, fmt.Errorf("ledger: count rejects: %w", err)
	}
	return n, nil
}

// Values lists the value rejections of a run, the most frequent first.
func (l *Ledger) Values(ctx context.Context, runID string) (values []ValueReject, err error) {
	return l.values(ctx, `AND column_name <> '_version' ORDER BY count DESC, table_name, column_name`, runID)
}

// Unranked counts the copies of a run that do not say when they were changed, or not so
// that it can be read, by main table and reason.
func (l *Ledger) Unranked(ctx context.Context, runID string) (values []ValueReject, err error) {
	return l.values(ctx, `AND column_name = '_version' ORDER BY table_name, reason`, runID)
}

func (l *Ledger) values(ctx context.Context, which, runID string) (values []ValueReject, err error) {
	return collect(ctx, l.db, "value rejections", func(rows *sql.Rows) (v ValueReject, err error) {
		err = rows.Scan(&v.Table, &v.Column, &v.Reason, &v.Count)
		return v, err
	}, `SELECT table_name, column_name, reason, count FROM value_reject WHERE run = ? `+which, runID)
}
