package ledger

import (
	"context"
	"database/sql"
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
	return collect(ctx, l.db, "archived pages", func(rows *sql.Rows) (p Page, err error) {
		var hash int64
		if err = rows.Scan(&p.File, &p.First, &p.Lines, &p.Offset, &p.Bytes, &hash, &p.Archived.Path, &p.Archived.Position, &p.Archived.Size); err != nil {
			return p, err
		}
		p.Hash = uint64(hash)
		return p, nil
	}, `SELECT page.file, page.first, lines, offset, bytes, hash, path, position, size
		FROM page JOIN archived USING (run, file, first) `+where, args...)
}

// ArchivePaths lists the files of the archive that hold pages of runs that did not
// fail.
func (l *Ledger) ArchivePaths(ctx context.Context) (paths []string, err error) {
	return collect(ctx, l.db, "the archive's files", text, `SELECT DISTINCT path FROM archived WHERE run IN (SELECT id FROM run WHERE state <> ?)`, Failed)
}

// ForgetArchived forgets the archived pages of the runs that finished before a time,
// whose files may then be removed.
func (l *Ledger) ForgetArchived(ctx context.Context, before time.Time) error {
	return l.exec(ctx, "forget archived pages", `DELETE FROM archived WHERE run IN (SELECT id FROM run WHERE finished < ?)`, stamp(before))
}

// ArchivedIn lists the pages in a file of the archive, in order.
func (l *Ledger) ArchivedIn(ctx context.Context, path string) (pages []Archived, err error) {
	return collect(ctx, l.db, "archived pages", func(rows *sql.Rows) (a Archived, err error) {
		a.Path = path
		err = rows.Scan(&a.Position, &a.Size)
		return a, err
	}, `SELECT position, size FROM archived WHERE path = ? ORDER BY position`, path)
}
