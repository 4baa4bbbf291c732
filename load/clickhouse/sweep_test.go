package clickhouse

import (
	"context"
	"slices"
	"testing"
)

func TestSweepRemovesDeadRunsAlone(t *testing.T) {
	ctx, s := context.Background(), store(t)
	must(t, s.Migrate(ctx, testClaims))
	seen := s.begin(t, 1)
	load(t, seen.NewWriter(), 1, []claim{{source: "payer-a", id: "1", note: "seen", items: []int32{1}}})
	_, err := seen.Promote(ctx)
	must(t, err)
	dead := s.begin(t, 2)
	load(t, dead.NewWriter(), 2, []claim{{source: "payer-a", id: "2", note: "dead", items: []int32{1, 2}}})

	must(t, s.Sweep(ctx, testClaims))
	must(t, s.Sweep(ctx, testClaims))
	if got := s.lines(t, "SELECT claim_id FROM claim_item_v"); !slices.Equal(got, []string{"1"}) {
		t.Errorf("left: %q", got)
	}
	if runs, err := s.PromotedRuns(ctx); err != nil || len(runs) != 1 || !runs["run-1"] {
		t.Errorf("promoted: %v, %v", runs, err)
	}
}
