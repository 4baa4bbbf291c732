package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Archived is where the archive has the bytes of a page; no Path where it has not.
type Archived struct {
	Path     string // relative to the archive
	Position int64  // in that file, bytes
	Size     int64  // compressed, bytes
}

func insertArchived(ctx context.Context, tx *sql.Tx, runID string, p Page) error {
	if p.Archived.Path == "" {
		return nil
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO archived (run, file, first, path, position, size) VALUES (?, ?, ?, ?, ?, ?)`,
		runID, p.File, p.First, p.Archived.Path, p.Archived.Position, p.Archived.Size)
	return err
}

// ArchivedPages lists the pages of a file that the archive has, by their first line.
func (l *Ledger) ArchivedPages(ctx context.Context, runID, fileID string) ([]Page, error) {
	return l.archivedPages(ctx, `WHERE page.run = ? AND page.file = ? ORDER BY page.first`, runID, fileID)
}

// ArchivedPage is the page that has a line of a file. The archive may have lost it:
// then it has no Archived.Path.
func (l *Ledger) ArchivedPage(ctx context.Context, runID, fileID string, line int64) (Page, error) {
	pages, err := l.archivedPages(ctx, `WHERE page.run = ?1 AND page.file = ?2 AND ?3 >= page.first AND ?3 < page.first + page.lines`, runID, fileID, line)
	if err != nil || len(pages) == 0 {
		return Page{}, err
	}
	return pages[0], nil
}

func (l *Ledger) archivedPages(ctx context.Context, where string, args ...any) (pages []Page, err error) {
	rows, err := l.db.QueryContext(ctx, `SELECT page.file, page.first, lines, offset, bytes, hash, path, position, size
		FROM page JOIN archived USING (run, file, first) `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("ledger: read archived pages: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var p Page
		var hash int64
		if err := rows.Scan(&p.File, &p.First, &p.Lines, &p.Offset, &p.Bytes, &hash, &p.Archived.Path, &p.Archived.Position, &p.Archived.Size); err != nil {
			return nil, fmt.Errorf("ledger: read archived pages: %w", err)
		}
		p.Hash = uint64(hash)
		pages = append(pages, p)
	}
	return pages, rows.Err()
}

// ArchivePaths lists the files of the archive that hold pages of runs that did not
// fail.
func (l *Ledger) ArchivePaths(ctx context.Context) (paths []string, err error) {
	rows, err := l.db.QueryContext(ctx, `SELECT DISTINCT path FROM archived WHERE run IN (SELECT id FROM run WHERE state <> ?)`, Failed)
	if err != nil {
		return nil, fmt.Errorf("ledger: read the archive's files: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var path string
		if err := rows.Scan(&path); err != nil {
			return nil, fmt.Errorf("ledger: read the archive's files: %w", err)
		}
		paths = append(paths, path)
	}
	return paths, rows.Err()
}

// ForgetArchived forgets the archived pages of the runs that finished before a time,
// whose files may then be removed.
func (l *Ledger) ForgetArchived(ctx context.Context, before time.Time) error {
	return l.exec(ctx, "forget archived pages", `DELETE FROM archived WHERE run IN (SELECT id FROM run WHERE finished < ?)`, stamp(before))
}

// ArchivedIn lists the pages in a file of the archive, in order.
func (l *Ledger) ArchivedIn(ctx context.Context, path string) (pages []Archived, err error) {
	rows, err := l.db.QueryContext(ctx, `SELECT position, size FROM archived WHERE path = ? ORDER BY position`, path)
	if err != nil {
		return nil, fmt.Errorf("ledger: read archived pages: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		a := Archived{Path: path}
		if err := rows.Scan(&a.Position, &a.Size); err != nil {
			return nil, fmt.Errorf("ledger: read archived pages: %w", err)
		}
		pages = append(pages, a)
	}
	return pages, rows.Err()
}
