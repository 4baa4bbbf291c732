package clickhouse

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// What is as it should be is not made again; what somebody dropped is.
func TestMigrateMakesOnlyWhatIsMissing(t *testing.T) {
	ctx, s := context.Background(), store(t)
	views := []View{
		{Name: "busy", Comment: "It's a view.", SQL: "SELECT id, note FROM claim"},
		{Name: "busier", Comment: "Over a view", SQL: "SELECT id FROM busy"},
		{Name: "unfit", Comment: "Of what is not there", SQL: "SELECT nothing FROM claim"},
	}
	migrate := func() {
		t.Helper()
		must(t, s.Migrate(ctx, testClaims))
		unfit, err := s.MakeViews(ctx, views)
		must(t, err)
		if len(unfit) != 1 || unfit["unfit"] == nil || !strings.Contains(unfit["unfit"].Error(), "make unfit") {
			t.Errorf("unfit: %v", unfit)
		}
	}
	made := func() []string {
		return s.lines(t, "SELECT name, count() FROM _definition GROUP BY name ORDER BY name")
	}
	migrate()
	want := []string{"_check|1", "_check_v|1", "_file|1", "_file_v|1", "_kept|1", "_promoted|1", "_run|1", "_run_v|1", "busier|1", "busy|1", "claim|1", "claim_item|1", "claim_item_v|1", "claim_v|1"}
	migrate()
	if got := made(); !slices.Equal(got, want) {
		t.Errorf("made: %q", got)
	}
	must(t, s.conn.Exec(ctx, "DROP VIEW claim"))
	views[0].SQL = "SELECT id FROM claim"
	migrate()
	want[8], want[9], want[10] = "busier|2", "busy|2", "claim|2"
	if got := made(); !slices.Equal(got, want) {
		t.Errorf("made: %q, want %q", got, want)
	}
	if got := s.lines(t, "SELECT count() FROM busier"); !slices.Equal(got, []string{"0"}) {
		t.Errorf("the views: %q", got)
	}
}
