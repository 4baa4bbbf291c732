package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Finding is what a check found in a run.
type Finding struct {
	Check    string
	Subject  string // file, resource type, table or column; "" for the run
	Grade    string // info, warn or fail
	Found    float64
	Expected float64
	Text     string // never holds content
}

// SetFindings records what the checks of a run found, in place of what they found
// before.
func (l *Ledger) SetFindings(ctx context.Context, runID string, found []Finding) error {
	return l.inTx(ctx, "record findings", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM finding WHERE run = ?`, runID); err != nil {
			return err
		}
		for _, f := range found {
			if _, err := tx.ExecContext(ctx, `INSERT INTO finding (run, check_name, subject, grade, found, expected, detail) VALUES (?, ?, ?, ?, ?, ?, ?)
				ON CONFLICT DO NOTHING`, runID, f.Check, f.Subject, f.Grade, f.Found, f.Expected, f.Text); err != nil {
				return err
			}
		}
		return nil
	})
}

// Findings lists what the checks of a run found, failures first.
func (l *Ledger) Findings(ctx context.Context, runID string) (found []Finding, err error) {
	return collect(ctx, l.db, "findings", func(rows *sql.Rows) (f Finding, err error) {
		err = rows.Scan(&f.Check, &f.Subject, &f.Grade, &f.Found, &f.Expected, &f.Text)
		return f, err
	}, `SELECT check_name, subject, grade, found, expected, detail FROM finding WHERE run = ?
		ORDER BY CASE grade WHEN 'fail' THEN 0 WHEN 'warn' THEN 1 ELSE 2 END, check_name, subject`, runID)
}

// Hold records that all of a run is loaded and durable, and that a check failed:
// readers see it only once somebody has accepted it, or the check no longer fails.
func (l *Ledger) Hold(ctx context.Context, runID string) error {
	return l.exec(ctx, "hold run", `UPDATE run SET held = 1 WHERE id = ?`, runID)
}

// Acceptance says who overruled the failed checks of a run, and why.
type Acceptance struct {
	By     string
	Reason string
	At     time.Time
}

// Accept records an Acceptance of now.
func (l *Ledger) Accept(ctx context.Context, runID, by, reason string) error {
	return l.exec(ctx, "accept run", `UPDATE run SET accepted_by = ?, accepted_reason = ?, accepted_at = ? WHERE id = ?`, by, reason, stamp(time.Now()), runID)
}

// Accepted is who accepted a run; zero for nobody.
func (l *Ledger) Accepted(ctx context.Context, runID string) (a Acceptance, err error) {
	var at sql.NullString
	err = l.db.QueryRowContext(ctx, `SELECT accepted_by, accepted_reason, accepted_at FROM run WHERE accepted_at IS NOT NULL AND id = ?`, runID).Scan(&a.By, &a.Reason, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return Acceptance{}, nil
	}
	if err != nil {
		return Acceptance{}, fmt.Errorf("ledger: read acceptance: %w", err)
	}
	a.At = unstamp(at)
	return a, nil
}

// Volume is how many lines of a resource type a run brought.
type Volume struct {
	Run          string
	Started      time.Time
	ResourceType string
	Lines        int64
}

// pastVolumes bounds how many runs are looked back at: a year of nights.
const pastVolumes = 400

// Volumes lists what the promoted syncs of a source brought, of everything or of what
// had changed, the latest first.
func (l *Ledger) Volumes(ctx context.Context, source string, full bool) (volumes []Volume, err error) {
	return collect(ctx, l.db, "volumes", func(rows *sql.Rows) (v Volume, err error) {
		var started sql.NullString
		if err = rows.Scan(&v.Run, &started, &v.ResourceType, &v.Lines); err != nil {
			return v, err
		}
		v.Started = unstamp(started)
		return v, nil
	}, `SELECT r.id, r.started, coalesce(f.resource_type, ''), coalesce(sum(f.lines), 0)
		FROM (SELECT id, number, started FROM run WHERE source = ?1 AND kind = 'sync' AND state = ?2
			AND whole = ?3 ORDER BY number DESC LIMIT ?4) r
		LEFT JOIN file f ON f.run = r.id AND NOT f.deletes
		GROUP BY r.id, r.number, r.started, f.resource_type ORDER BY r.number DESC, f.resource_type`, source, Promoted, full, pastVolumes)
}
