package parquet

import (
	"context"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/claimlake/claimlake/internal/checksum"
)

// Checksums adds up the columns of the schema s over the current rows of a table: so much
// of it is read. s needs the column _hash.
func (l *Lake) Checksums(ctx context.Context, table string, s *arrow.Schema) (checksum.Table, error) {
	sums, err := checksum.New(s)
	if err != nil {
		return checksum.Table{}, err
	}
	current, err := l.current()
	if err != nil || current.number == 0 {
		return sums.Table, err
	}
	parts, err := l.partsIn(current.dir())
	if err != nil {
		return checksum.Table{}, fmt.Errorf("add up %s: %w", table, err)
	}
	for _, in := range parts {
		if in.table != table {
			continue
		}
		err := l.Batches(ctx, ShownPart{Table: table, Path: in.path}, s, func(string) bool { return true }, sums.Add)
		if err != nil {
			return checksum.Table{}, fmt.Errorf("add up %s: %w", table, err)
		}
	}
	return sums.Table, nil
}
