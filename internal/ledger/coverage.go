package ledger

import (
	"context"
	"database/sql"
	"errors"
)

// Coverage is what was counted at one path of a resource type in the lines that a
// run sampled. Leaves are strings, numbers and booleans.
type Coverage struct {
	ResourceType string
	Path         string // array indexes as #; "" for the resources themselves
	Lines        int64  // sampled resources that have it
	Leaves       int64
	Reached      int64 // leaves that reach a column
	Narrative    bool
}

func insertCoverage(ctx context.Context, tx *sql.Tx, runID string, list []Coverage) (err error) {
	if len(list) == 0 {
		return nil
	}
	s, err := tx.PrepareContext(ctx, `INSERT INTO coverage (run, resource_type, path, lines, leaves, reached, narrative) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET lines = lines + excluded.lines, leaves = leaves + excluded.leaves, reached = reached + excluded.reached`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, c := range list {
		if _, err := s.ExecContext(ctx, runID, c.ResourceType, c.Path, c.Lines, c.Leaves, c.Reached, c.Narrative); err != nil {
			return err
		}
	}
	return nil
}

// Coverage lists what was counted in the sample of a run, by resource type and path.
func (l *Ledger) Coverage(ctx context.Context, runID string) (list []Coverage, err error) {
	return collect(ctx, l.db, "coverage", func(rows *sql.Rows) (c Coverage, err error) {
		err = rows.Scan(&c.ResourceType, &c.Path, &c.Lines, &c.Leaves, &c.Reached, &c.Narrative)
		return c, err
	}, `SELECT resource_type, path, lines, leaves, reached, narrative FROM coverage WHERE run = ? ORDER BY resource_type, path`, runID)
}
