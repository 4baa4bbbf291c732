package ledger

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
)

// Came is a line that a run met and did not load, since its rows are there: what a run
// that goes on after an interruption knows of it.
type Came struct {
	File string
	Line int64 // from 1
	Hash uint64
}

// cameBytes is what a line takes in the ledger: its hash, and its place in the page.
const cameBytes = 12

func insertCame(ctx context.Context, tx *sql.Tx, runID string, p Page) error {
	if len(p.Came) == 0 {
		return nil
	}
	lines := make([]byte, 0, cameBytes*len(p.Came))
	for _, c := range p.Came {
		lines = binary.LittleEndian.AppendUint64(lines, c.Hash)
		lines = binary.LittleEndian.AppendUint32(lines, uint32(c.Line-p.First))
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO came (run, file, first, lines) VALUES (?, ?, ?, ?)`, runID, p.File, p.First, lines)
	return err
}

// EachCame calls do for each line that an unfinished run met and did not load.
func (l *Ledger) EachCame(ctx context.Context, runID string, do func(Came)) (err error) {
	rows, err := l.db.QueryContext(ctx, `SELECT file, first, lines FROM came WHERE run = ?`, runID)
	if err != nil {
		return fmt.Errorf("ledger: read lines that came: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var c Came
		var first int64
		var lines sql.RawBytes
		if err := rows.Scan(&c.File, &first, &lines); err != nil {
			return fmt.Errorf("ledger: read lines that came: %w", err)
		}
		for ; len(lines) >= cameBytes; lines = lines[cameBytes:] {
			c.Hash, c.Line = binary.LittleEndian.Uint64(lines), first+int64(binary.LittleEndian.Uint32(lines[8:]))
			do(c)
		}
	}
	return rows.Err()
}

// forgetCame forgets what only an unfinished run needs of its lines.
func forgetCame(ctx context.Context, tx *sql.Tx, runID string) error {
	for _, table := range []string{"came", "numbered"} {
		if _, err := tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE run = ?`, runID); err != nil {
			return err
		}
	}
	return nil
}
