package ledger

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/claimlake/claimlake/internal/seal"
)

// sealedMark is before a text that is sealed.
const sealedMark = "sealed:"

// SealWith lets the ledger seal, from now on, what a server gave that may be a
// credential: the URL of an export's status, marks of files, pages of published files.
// nil: it seals nothing, and what is sealed cannot be read.
func (l *Ledger) SealWith(keys *seal.Keys) { l.keys = keys }

// hide seals a text for a place.
func (l *Ledger) hide(text, place string) (string, error) {
	if l.keys == nil || text == "" {
		return text, nil
	}
	sealed, err := l.keys.Seal([]byte(text), "ledger/"+place)
	return sealedMark + base64.StdEncoding.EncodeToString(sealed), err
}

// reveal gives what hide was given. The error wraps seal.ErrSealed where the ledger has
// not the key.
func (l *Ledger) reveal(text, place string) (string, error) {
	encoded, ok := strings.CutPrefix(text, sealedMark)
	if !ok {
		return text, nil
	}
	sealed, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", fmt.Errorf("ledger: %s: %w", place, seal.ErrSealed)
	}
	opened, err := l.keys.Open(sealed, "ledger/"+place)
	return string(opened), err
}

func exportPlace(runID string) string    { return "run/" + runID }
func publishedPlace(runID string) string { return "published/" + runID }
func markPlace(runID, file string, first int64) string {
	return fmt.Sprintf("mark/%s/%s/%d", runID, file, first)
}

// sealedColumns are what may be sealed, with what the place of a row is made of: its run
// and, of a mark, its file and first line.
var sealedColumns = []struct {
	query, update string
	place         func(run, file string, first int64) string
}{
	{
		`SELECT rowid, status_url, id, '', 0 FROM run WHERE status_url LIKE 'sealed:%'`, `UPDATE run SET status_url = ? WHERE rowid = ?`,
		func(run, _ string, _ int64) string { return exportPlace(run) },
	},
	{
		`SELECT rowid, published_page, id, '', 0 FROM run WHERE published_page LIKE 'sealed:%'`, `UPDATE run SET published_page = ? WHERE rowid = ?`,
		func(run, _ string, _ int64) string { return publishedPlace(run) },
	},
	{`SELECT rowid, token, run, file, first FROM mark WHERE token LIKE 'sealed:%'`, `UPDATE mark SET token = ? WHERE rowid = ?`, markPlace},
}

// Rewrap seals again, by the key that seals now, what the ledger has sealed. The error
// wraps seal.ErrSealed where a key is not there; nothing is changed then.
func (l *Ledger) Rewrap(ctx context.Context) error {
	return l.inTx(ctx, "seal again", func(tx *sql.Tx) error {
		for _, c := range sealedColumns {
			texts, err := collect(ctx, tx, "what is sealed", sealedText, c.query)
			if err != nil {
				return err
			}
			for _, t := range texts {
				place := c.place(t.run, t.file, t.first)
				clear, err := l.reveal(t.text, place)
				if err == nil {
					clear, err = l.hide(clear, place)
				}
				if err == nil {
					_, err = tx.ExecContext(ctx, c.update, clear, t.row)
				}
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// sealed is a text that is sealed, with what its place is made of.
type sealed struct {
	row, first      int64
	text, run, file string
}

func sealedText(rows *sql.Rows) (s sealed, err error) {
	err = rows.Scan(&s.row, &s.text, &s.run, &s.file, &s.first)
	return s, err
}

// SealedTexts are all texts that the ledger has sealed, as they are kept.
func (l *Ledger) SealedTexts(ctx context.Context) (texts []string, err error) {
	for _, c := range sealedColumns {
		list, err := collect(ctx, l.db, "what is sealed", sealedText, c.query)
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			texts = append(texts, s.text)
		}
	}
	return texts, nil
}

// ErrForgotten says that a key was forgotten since a process read its key set.
var ErrForgotten = errors.New("the key that seals was taken out of the key set since it was read: run the command again")

// ForgetKeys notes that keys are taken out of the key set: a process that still has one
// must not seal with it.
func (l *Ledger) ForgetKeys(ctx context.Context, ids []uint32) error {
	return l.inTx(ctx, "note forgotten keys", func(tx *sql.Tx) error {
		for _, id := range ids {
			if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO forgotten (key) VALUES (?)`, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// MaySeal reports, as ErrForgotten, that the key that seals was forgotten.
func (l *Ledger) MaySeal(ctx context.Context, keys *seal.Keys) error {
	var forgotten bool
	if err := l.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM forgotten WHERE key = ?)`, keys.Primary()).Scan(&forgotten); err != nil {
		return fmt.Errorf("ledger: read forgotten keys: %w", err)
	}
	if forgotten {
		return ErrForgotten
	}
	return nil
}
