package clickhouse

import (
	"context"
	"fmt"
)

// ClaimFindings is the view that counts what is worth a look of claims and members.
const ClaimFindings = "claim_finding"

// ClaimFindings reads the counts of a source from the view of that name, which is among
// those that MakeViews made.
func (s *Store) ClaimFindings(ctx context.Context, source string, yield func(finding string, found, of int64)) error {
	var finding string
	var found, of int64
	sql := "SELECT finding, toInt64(found), toInt64(looked_at) FROM " + name(ClaimFindings) + " WHERE _source = ? ORDER BY finding"
	rows, err := s.conn.Query(ctx, sql, source)
	if err != nil {
		return fmt.Errorf("ask %s: %w", ClaimFindings, terse(err))
	}
	defer rows.Close() //nolint:errcheck // read only
	for rows.Next() {
		if err := rows.Scan(&finding, &found, &of); err != nil {
			return fmt.Errorf("read %s: %w", ClaimFindings, terse(err))
		}
		yield(finding, found, of)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read %s: %w", ClaimFindings, terse(err))
	}
	return nil
}
