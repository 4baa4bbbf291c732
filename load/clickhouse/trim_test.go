package clickhouse

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/array"
)

// Rows that a crash left outside what is durable go, in all tables, and no others.
func TestTrimLeavesTheDurableLines(t *testing.T) {
	ctx, s := context.Background(), store(t)
	must(t, s.Migrate(ctx, claims()))
	for number := uint32(1); number <= 2; number++ {
		r, err := s.Begin(ctx, fmt.Sprintf("run-%d", number), number, claims())
		must(t, err)
		w := r.NewWriter()
		for i, c := range claims() {
			must(t, w.Write(ctx, build(t, c, func(b *array.RecordBuilder) {
				for line := int64(1); line <= 9; line++ {
					b.Field(0).(*array.StringBuilder).Append(fmt.Sprint(line))
					if i == 1 {
						b.Field(1).(*array.Int32Builder).Append(1)
					}
					b.Field(1 + i).AppendNull()
					addLineage(t, b, origin{source: "payer", run: fmt.Sprintf("run-%d", number), line: line, hash: uint64(line)})
				}
			})))
		}
		must(t, w.Flush(ctx))
		if number == 2 {
			must(t, r.Trim(ctx, map[string][]Lines{"file-1": {{1, 3}, {6, 6}}, "file-2": nil}))
			must(t, r.Trim(ctx, nil))
			must(t, r.Trim(ctx, map[string][]Lines{"file-2": {{1, 9}}}))
		}
	}
	for _, table := range []string{"claim_v", "claim_item_v"} {
		got := s.lines(t, "SELECT _run_number, groupArray(_line) FROM (SELECT * FROM "+table+" ORDER BY _line) GROUP BY _run_number ORDER BY 1")
		if want := []string{"1|[1,2,3,4,5,6,7,8,9]", "2|[1,2,3,6]"}; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", table, got, want)
		}
	}
}

// A file of which nothing is durable leaves nothing.
func TestTrimOfAFileWithoutDurableLines(t *testing.T) {
	ctx, s := context.Background(), store(t)
	must(t, s.Migrate(ctx, testClaims))
	r := s.begin(t, 1)
	load(t, r.NewWriter(), 1, []claim{{source: "payer-a", id: "1", note: "seen", items: []int32{1, 2}}})
	must(t, r.Trim(ctx, map[string][]Lines{"file-1": nil}))
	if got := s.lines(t, "SELECT claim_id FROM claim_item_v"); len(got) > 0 {
		t.Errorf("left: %q", got)
	}
}
