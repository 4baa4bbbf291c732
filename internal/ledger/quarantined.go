package ledger

import (
	"context"
	"database/sql"
)

// Kinds of runs that load lines of another run again: those in quarantine, and all
// that the archive has.
const (
	Replay    = "replay"
	Reflatten = "reflatten"
)

// Quarantined is a line in quarantine, with the place where its bytes are.
type Quarantined struct {
	Run    uint32 // number
	RunID  string
	Reject        // why, and from where
	Page   int64  // first line of the page that it was in
	Index  int    // among the bad lines of that page, from 0
	By     string // id of the run that could use the line, so that it is no longer in quarantine; "" for none
}

// Quarantined lists the lines of a run that are or were in quarantine, by file and
// line; of all runs with the id "". Runs that failed have none.
func (l *Ledger) Quarantined(ctx context.Context, runID string) (list []Quarantined, err error) {
	list, err = collect(ctx, l.db, "quarantine", func(rows *sql.Rows) (q Quarantined, err error) {
		err = rows.Scan(&q.Run, &q.RunID, &q.File, &q.Line, &q.Offset, &q.Bytes, &q.Reason, &q.Page, &q.By)
		return q, err
	}, `SELECT run.number, run.id, reject.file, line, offset, bytes, reason,
		(SELECT coalesce(max(first), 0) FROM page WHERE page.run = reject.run AND page.file = reject.file AND first <= line),
		coalesce((SELECT by_run FROM replayed WHERE replayed.run = reject.run AND replayed.file = reject.file AND replayed.line = reject.line), '')
		FROM reject JOIN run ON run.id = reject.run
		WHERE kind <> ? AND state <> ? AND (?3 = '' OR run.id = ?3) ORDER BY run.number, reject.file, line`, Replay, Failed, runID)
	for i := 1; i < len(list); i++ {
		if before := list[i-1]; before.RunID == list[i].RunID && before.File == list[i].File && before.Page == list[i].Page {
			list[i].Index = before.Index + 1
		}
	}
	return list, err
}

// MarkReplayed records that the run by could use those lines of run that it did not
// reject.
func (l *Ledger) MarkReplayed(ctx context.Context, runID, by string, lines []Quarantined) error {
	return l.inTx(ctx, "record replayed lines", func(tx *sql.Tx) error {
		for _, q := range lines {
			if _, err := tx.ExecContext(ctx, `INSERT INTO replayed (run, file, line, by_run)
				SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM reject WHERE run = ?4 AND file = ?2 AND line = ?3)
				ON CONFLICT DO NOTHING`, runID, q.File, q.Line, by); err != nil {
				return err
			}
		}
		return nil
	})
}

// MoveQuarantine records that the run by has tried all lines of run again: those
// that are still bad are in quarantine of by.
func (l *Ledger) MoveQuarantine(ctx context.Context, runID, by string) error {
	return l.exec(ctx, "move quarantine", `INSERT INTO replayed (run, file, line, by_run) SELECT run, file, line, ? FROM reject WHERE run = ? ON CONFLICT DO NOTHING`, by, runID)
}
