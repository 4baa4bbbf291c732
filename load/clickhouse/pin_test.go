package clickhouse

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	ch "github.com/ClickHouse/clickhouse-go/v2"
)

// A query that is pinned shows what was promoted before it began, whatever is promoted and
// put together while it runs, also where the clock is set back.
func TestPinnedQueries(t *testing.T) {
	s := store(t)
	ctx := context.Background()
	must(t, s.Migrate(ctx, testClaims))
	pinned := map[uint32]context.Context{} // by the last run it sees
	for n := uint32(1); n <= 4; n++ {
		run := s.begin(t, n)
		load(t, run.NewWriter(), 1, []claim{{source: "payer-a", id: "1", version: int(n), note: fmt.Sprint(n), items: []int32{int32(n)}}, {source: "payer-a", id: fmt.Sprint(10 + n), version: 1}})
		_, err := run.Promote(ctx)
		must(t, err)
		if n == 2 { // as if the clock had been an hour ahead
			must(t, s.conn.Exec(ctx, "INSERT INTO _promoted SELECT run_number, run_id, promoted_at + INTERVAL 1 HOUR FROM _promoted WHERE run_number = 2"))
			must(t, s.conn.Exec(ctx, "OPTIMIZE TABLE _promoted FINAL"))
		}
		var pin int64
		must(t, s.conn.QueryRow(ctx, PinQuery("claimlake")).Scan(&pin))
		pinned[n] = ch.Context(ctx, ch.WithSettings(ch.Settings{PinSetting: pin}))
	}
	must(t, s.compact(ctx, testClaims, smallPartitions{count: 2, rows: 1000, age: time.Hour}))
	for n, ctx := range pinned {
		rows, err := s.conn.Query(ctx, "SELECT note, position, (SELECT count() FROM claim) FROM claim INNER JOIN claim_item ON claim.id = claim_item.claim_id")
		must(t, err)
		var got []string
		for rows.Next() {
			var note string
			var position int32
			var claims uint64
			must(t, rows.Scan(&note, &position, &claims))
			got = append(got, fmt.Sprint(note, position, claims))
		}
		must(t, rows.Close())
		if want := []string{fmt.Sprint(fmt.Sprint(n), int32(n), uint64(n+1))}; !slices.Equal(got, want) {
			t.Errorf("pinned to run %d: %q, want %q", n, got, want)
		}
	}
	if got := strings.Join(s.lines(t, "SELECT count() FROM claim"), ""); got != "5" {
		t.Errorf("without a pin: %s claims", got)
	}
}
