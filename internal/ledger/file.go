package ledger

import (
	"context"
	"database/sql"
)

// File is one NDJSON file of a run.
type File struct {
	ID           string
	Name         string // path, or URL without its query
	ResourceType string // as announced; "" when any type may come
	Deletes      bool   // its lines are Bundles of deletions
	State        State
	Announced    int64 // the source's count of lines; -1 where it gave none
	Other        int64 // lines that Lines leaves out: blank ones, and those that head blocks of resources
	Counts
	SHA256 string // of the decoded bytes, hex; "" where it was not computed
	Error  string // why it failed; or, where it is Done, may not be whole
}

// Counts is what became of a file's lines. Lines = Landed + Unchanged +
// Unmapped + Rejected.
type Counts struct {
	Bytes     int64 // decoded
	Lines     int64 // blank ones not counted
	Landed    int64 // flattened into rows
	Unchanged int64 // identical to what the lake holds
	Unmapped  int64 // of a resource type without a mapping
	Rejected  int64 // in quarantine
}

// Add adds o to c.
func (c *Counts) Add(o Counts) {
	c.Bytes += o.Bytes
	c.Lines += o.Lines
	c.Landed += o.Landed
	c.Unchanged += o.Unchanged
	c.Unmapped += o.Unmapped
	c.Rejected += o.Rejected
}

// AddFiles records the files that a run is going to read. Those that it has
// already stay as they are.
func (l *Ledger) AddFiles(ctx context.Context, runID string, files []File) error {
	return l.inTx(ctx, "record files", func(tx *sql.Tx) error {
		for _, f := range files {
			announced := sql.NullInt64{Int64: f.Announced, Valid: f.Announced >= 0}
			if _, err := tx.ExecContext(ctx, `INSERT INTO file (run, id, name, resource_type, deletes, state, announced) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
				runID, f.ID, f.Name, f.ResourceType, f.Deletes, Pending, announced); err != nil {
				return err
			}
		}
		return nil
	})
}

// EndFile records how a file ended: Done, with why it may not be whole if there is a
// reason to think so, or Failed with a reason. Neither holds content.
func (l *Ledger) EndFile(ctx context.Context, runID, fileID string, state State, reason string) error {
	return l.exec(ctx, "record end of file", `UPDATE file SET state = ?, error = ? WHERE run = ? AND id = ?`,
		state, sql.NullString{String: reason, Valid: reason != ""}, runID, fileID)
}

// SetAnnounced records how many lines a file should have, where the source says so only
// once it was read.
func (l *Ledger) SetAnnounced(ctx context.Context, runID, fileID string, lines int64) error {
	return l.exec(ctx, "record count", `UPDATE file SET announced = ? WHERE run = ? AND id = ?`, lines, runID, fileID)
}

// HashFile records the SHA-256 of a file's decoded bytes, in hex.
func (l *Ledger) HashFile(ctx context.Context, runID, fileID, sha256 string) error {
	return l.exec(ctx, "record hash", `UPDATE file SET sha256 = ? WHERE run = ? AND id = ?`, sha256, runID, fileID)
}

// Files lists the files of a run by id.
func (l *Ledger) Files(ctx context.Context, runID string) (files []File, err error) {
	return collect(ctx, l.db, "files", func(rows *sql.Rows) (f File, err error) {
		err = rows.Scan(&f.ID, &f.Name, &f.ResourceType, &f.Deletes, &f.State, &f.Announced, &f.Bytes, &f.Lines, &f.Landed, &f.Unchanged, &f.Unmapped, &f.Rejected, &f.SHA256, &f.Error, &f.Other)
		return f, err
	}, `SELECT id, name, resource_type, deletes, state, coalesce(announced, -1), bytes, lines, landed, unchanged, unmapped, rejected, sha256, coalesce(error, ''),
		max(coalesce((SELECT sum(page.lines) FROM page WHERE page.run = file.run AND page.file = file.id), 0) - lines, 0)
		FROM file WHERE run = ? ORDER BY id`, runID)
}

// Pages lists the durable pages of a file by their first line.
func (l *Ledger) Pages(ctx context.Context, runID, fileID string) (pages []Page, err error) {
	return collect(ctx, l.db, "pages", func(rows *sql.Rows) (p Page, err error) {
		p.File = fileID
		var hash int64
		if err = rows.Scan(&p.First, &p.Lines, &p.Offset, &p.Bytes, &hash, &p.Token); err != nil {
			return p, err
		}
		if p.Token, err = l.reveal(p.Token, markPlace(runID, fileID, p.First)); err != nil {
			return p, err
		}
		p.Hash = uint64(hash)
		return p, nil
	}, `SELECT first, lines, offset, bytes, hash, coalesce(token, '') FROM page LEFT JOIN mark USING (run, file, first)
		WHERE run = ? AND file = ? ORDER BY first`, runID, fileID)
}
