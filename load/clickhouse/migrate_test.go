package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/claimlake/claimlake/internal/table"
)

// claimWith is the root table with columns changed.
func claimWith(key []string, fields ...arrow.Field) []*arrow.Schema {
	id := table.Field("id", arrow.BinaryTypes.String, false, "id", "id", "Logical id")
	return []*arrow.Schema{schema("claim", key, append([]arrow.Field{id}, fields...)...)}
}

func TestAMappingGrows(t *testing.T) {
	ctx, s := context.Background(), store(t)
	must(t, s.Migrate(ctx, testClaims))
	run := s.begin(t, 1)
	load(t, run.NewWriter(), 1, []claim{{source: "payer-a", id: "1", note: "x"}})
	_, err := run.Promote(ctx)
	must(t, err)
	grown := claimWith([]string{"id"},
		table.Field("paid", &arrow.Decimal128Type{Precision: 18, Scale: 4}, true, "decimal(18,4)", "paid", "What was paid"),
		table.Field("note", code32, true, "code", "note", "A better comment"),
		table.Field("text", arrow.BinaryTypes.String, true, "string", "text", "Free text"))
	must(t, s.Migrate(ctx, grown))
	must(t, s.Migrate(ctx, grown))
	if got := s.lines(t, "SELECT id, paid, note, text FROM claim"); !slices.Equal(got, []string{"1|NULL|x|NULL"}) {
		t.Errorf("old rows: %q", got)
	}
	got := s.lines(t, "SELECT name, comment FROM system.columns WHERE database = currentDatabase() AND table = 'claim_v' AND position <= 4 ORDER BY position")
	if want := []string{"id|Logical id", "paid|What was paid", "note|A better comment", "text|Free text"}; !slices.Equal(got, want) {
		t.Errorf("columns: %q", got)
	}
}

func TestAMappingChanges(t *testing.T) {
	ctx, s := context.Background(), store(t)
	must(t, s.Migrate(ctx, testClaims))
	for name, tc := range map[string]struct {
		schemas []*arrow.Schema
		want    string
	}{
		"another type": {claimWith([]string{"id"}, table.Field("note", arrow.PrimitiveTypes.Int32, true, "integer", "note", "")), "column note is LowCardinality(Nullable(String)), the mapping wants Nullable(Int32)"},
		"another key":  {claimWith([]string{"id", "note"}, table.Field("note", code32, true, "code", "note", "")), "key is (_source, id), the mapping wants (_source, id, note)"},
	} {
		t.Run(name, func(t *testing.T) {
			err := s.Migrate(ctx, tc.schemas)
			if !errors.Is(err, ErrSchema) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestATableOfSomebodyElse(t *testing.T) {
	ctx, s := context.Background(), store(t)
	must(t, s.conn.Exec(ctx, "CREATE TABLE claim_v (id String) ENGINE = MergeTree ORDER BY id"))
	err := s.Migrate(ctx, testClaims)
	if !errors.Is(err, ErrSchema) || !strings.Contains(err.Error(), "not a table of claimlake") {
		t.Error(err)
	}
}

// Parts are merged seldom where the server lets a table say so; others make the table too.
func TestTablesOfOlderServersHaveNoMergeBase(t *testing.T) {
	ctx, s := context.Background(), store(t)
	const set = "SELECT position(create_table_query, 'merge_selector_base = 20') > 0 FROM system.tables WHERE database = currentDatabase() AND name = 'claim_v'"
	must(t, s.Migrate(ctx, testClaims))
	if got := s.lines(t, set); !slices.Equal(got, []string{"1"}) {
		t.Errorf("a server that has the setting: %q", got)
	}
	must(t, s.conn.Exec(ctx, "DROP TABLE claim_v"))
	c, err := s.catalog(ctx)
	must(t, err)
	l, err := layoutOf(testClaims[0])
	must(t, err)
	must(t, c.migrate(ctx, l))
	if got := s.lines(t, set); !slices.Equal(got, []string{"0"}) {
		t.Errorf("a server that has not: %q", got)
	}
}

// A table that an older claimlake made ranks new rows as a new one does, and keeps the
// ranks of those that it has.
func TestRanksOfATableOfBefore(t *testing.T) {
	ctx, s := context.Background(), store(t)
	must(t, s.Migrate(ctx, testClaims))
	for _, sql := range []string{
		"ALTER TABLE claim_v MODIFY COLUMN _row_version UInt128 DEFAULT bitOr(bitOr(bitShiftLeft(toUInt128(toUnixTimestamp64Micro(_version) + 4611686018427387904), 64), bitShiftLeft(toUInt128(_run_number), 32)), toUInt128(bitShiftRight(_hash, 32)))",
		"ALTER TABLE _definition DELETE WHERE name = 'claim_v' SETTINGS mutations_sync = 2",
	} {
		must(t, s.conn.Exec(ctx, sql))
	}
	before := claim{source: "payer-a", id: "1", note: "x"}
	load(t, s.begin(t, 1).NewWriter(), 1, []claim{before})
	must(t, s.Migrate(ctx, testClaims))
	must(t, s.Migrate(ctx, testClaims))
	load(t, s.begin(t, 2).NewWriter(), 2, []claim{{source: "payer-a", id: "2", deleted: true}, {source: "payer-a", id: "3", again: true}})
	got := s.lines(t, "SELECT id, bitAnd(_row_version, 4294967295) FROM claim_v ORDER BY id")
	if want := []string{fmt.Sprint("1|", before.hash()>>32), "2|4294967295", "3|4294967294"}; !slices.Equal(got, want) {
		t.Errorf("ranks %q, want %q", got, want)
	}
}
