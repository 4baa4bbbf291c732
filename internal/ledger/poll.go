package ledger

import (
	"context"
	"fmt"
	"time"
)

// exportsOfLate is how many exports LongestExport looks at.
const exportsOfLate = 30

// LongestExport is how long the longest of a source's last promoted exports took, from
// kick-off to its last poll; zero where there is none.
func (l *Ledger) LongestExport(ctx context.Context, source string) (time.Duration, error) {
	var seconds float64
	err := l.db.QueryRowContext(ctx, `SELECT coalesce(max(took), 0) FROM (
		SELECT (julianday(poll_next) - julianday(started)) * 86400 AS took FROM run
		WHERE poll_next IS NOT NULL AND source = ? AND state = ? ORDER BY number DESC LIMIT ?)`, source, Promoted, exportsOfLate).Scan(&seconds)
	if err != nil {
		return 0, fmt.Errorf("ledger: read how long exports took: %w", err)
	}
	return time.Duration(seconds * float64(time.Second)).Round(time.Millisecond), nil
}
