package clickhouse

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/claimlake/claimlake/internal/table"
)

// The note of a test claim is its patient, and may be another claim's id.
var testPatients = &table.Patients{
	Subjects: []table.Subject{{Table: "claim", Patient: "note"}},
	Links:    []table.Link{{Table: "claim", Column: "note", To: "claim"}},
}

// keptViews are views of each kind that may be kept: of a patient's claims together, of what
// a claim refers to, of what patients share, of pairs over sources, and of other kept views.
// Rows of the last are equal in all that tells them apart.
var keptViews = []View{
	{
		Name: "_place_lines", SQL: "SELECT _source, claim_id, count() AS lines FROM claim_item GROUP BY _source, claim_id",
	},
	{
		Name: "place", SQL: `SELECT c._source AS _source, c.id AS id, c.note AS patient, toInt64(row_number() OVER (PARTITION BY c._source, c.note ORDER BY c.id)) AS place, l.lines AS lines
			FROM claim AS c LEFT JOIN _place_lines AS l ON l._source = c._source AND l.claim_id = c.id`,
		Kept: &table.Kept{Source: "_source", Patient: "patient", Resource: "claim", ID: "id", Filters: []string{"place", "patient"}, Key: []string{"_source", "id"}, Of: testPatients},
	},
	{
		Name: "linked", SQL: `SELECT a._source AS _source, a.id AS id, a.note AS patient, b.note AS other, p.place AS place
			FROM claim AS a JOIN claim AS b ON b._source = a._source AND b.id = a.note LEFT JOIN place AS p ON p._source = a._source AND p.id = a.id`,
		Kept: &table.Kept{Source: "_source", Patient: "patient", Resource: "claim", ID: "id", Filters: []string{"patient"}, Key: []string{"_source", "id"}, Of: testPatients},
	},
	{
		Name: "_rare_marks", SQL: "SELECT DISTINCT c._source AS _source, c.note AS patient, i.position AS position FROM claim AS c JOIN claim_item AS i ON i._source = c._source AND i.claim_id = c.id",
		Kept: &table.Kept{Source: "_source", Patient: "patient", Filters: []string{"patient"}, Key: []string{"_source", "position"}, Shared: "position", Of: testPatients},
	},
	{
		Name: "rare", SQL: `SELECT _source, patient, position FROM (SELECT _source, patient, position, count() OVER (PARTITION BY _source, position) AS patients FROM _rare_marks) WHERE patients <= 1`,
		Kept: &table.Kept{Source: "_source", Patient: "patient", Filters: []string{"patient"}, Key: []string{"_source", "position"}, Of: testPatients},
	},
	{
		Name: "pair", SQL: `SELECT a._source AS _source, a.id AS id, b._source AS other_source, b.id AS other_id FROM claim AS a JOIN claim AS b ON a.id = b.id WHERE a._source < b._source
			UNION ALL SELECT a._source AS _source, a.id AS id, b._source AS other_source, b.id AS other_id FROM claim AS a JOIN claim AS b ON a.note = b.note WHERE (a._source, a.id) < (b._source, b.id) AND a.id <> b.id`,
		Kept: &table.Kept{Source: "_source", Pair: [4]string{"_source", "id", "other_source", "other_id"}, Resource: "claim", Filters: []string{"id", "other_id"}, Key: []string{"_source", "other_source"}, Across: true, Of: testPatients},
	},
	{
		Name: "alike", SQL: "SELECT c._source AS _source, c.note AS patient, i.position AS position FROM claim AS c JOIN claim_item AS i ON i._source = c._source AND i.claim_id = c.id",
		Kept: &table.Kept{Source: "_source", Patient: "patient", Filters: []string{"patient"}, Key: []string{"_source"}, Of: testPatients},
	},
	{Name: "counts", SQL: "SELECT patient, count() AS n FROM place GROUP BY patient"},
}

// makeViews makes the views, as a process that opens the database does.
func (s *Store) makeViews(t rapid.TB) {
	unfit, err := s.MakeViews(context.Background(), keptViews)
	must(t, err)
	if len(unfit) > 0 {
		t.Fatalf("unfit: %v", unfit)
	}
}

// checkViews compares what readers of views see with the views computed from the tables.
func (s *Store) checkViews(t rapid.TB, when string) {
	for _, v := range keptViews {
		got, want := s.lines(t, "SELECT * FROM "+name(v.Name)), s.lines(t, v.SQL)
		slices.Sort(got)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s: %s\n%s", when, v.Name, diff)
		}
	}
}

// reading are the views that read their rows.
func (s *Store) reading(t rapid.TB) []string {
	return s.lines(t, fmt.Sprintf("SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'View' AND position(create_table_query, '%s') > 0 ORDER BY name", keptPrefix))
}

// Whatever the history, the rows that are kept of views are those that the views compute from
// what readers see of the tables.
func TestAnyHistoryKeepsViews(t *testing.T) {
	srv, database := engine(t, t.TempDir()), 0
	fewHistories(t, 4)
	rapid.Check(t, func(rt *rapid.T) {
		database++
		s := open(t, srv, fmt.Sprint("views_", database))
		must(t, s.Migrate(context.Background(), testClaims))
		s.makeViews(rt)
		s.chunk = uint64(rapid.SampledFrom([]int{0, 0, 3}).Draw(rt, "resources at once"))
		m, pending := model{}, map[uint32]pendingRun{}
		for number := uint32(1); number <= uint32(rapid.IntRange(2, 5).Draw(rt, "runs")); number++ {
			p := pendingRun{run: s.begin(rt, number), claims: drawClaims(rt)}
			load(rt, p.run.NewWriter(), number, p.claims)
			pending[number] = p
			s.settle(rt, m, pending)
			if rapid.IntRange(0, 3).Draw(rt, "sweep") == 0 && len(pending) == 0 {
				must(rt, s.Sweep(context.Background(), testClaims))
			}
			if rapid.IntRange(0, 3).Draw(rt, "compact") == 0 {
				s.compactSome(rt)
			}
			s.checkViews(rt, fmt.Sprint("after run ", number))
		}
	})
}

// fewHistories draws fewer histories than usual, unless many are asked for.
func fewHistories(t *testing.T, checks int) {
	f := flag.Lookup("rapid.checks")
	if usual := f.Value.String(); usual == usualChecks {
		must(t, f.Value.Set(fmt.Sprint(checks)))
		t.Cleanup(func() { must(t, f.Value.Set(usual)) })
	}
}

// A database that an earlier claimlake loaded has no rows of views: these are computed until
// a promote, or a fill, has filled all of them.
func TestViewsAreFilledOnce(t *testing.T) {
	srv := engine(t, t.TempDir())
	kept := []string{"_rare_marks", "alike", "linked", "pair", "place", "rare"}
	for name, finish := range map[string]func(s *Store){
		"by a promote": func(s *Store) {
			run := s.begin(t, 2)
			load(t, run.NewWriter(), 2, []claim{{source: "payer-a", id: "2", note: "1", version: 1}})
			_, err := run.Promote(t.Context())
			must(t, err)
			must(t, run.Unkept())
		},
		"by a fill": func(s *Store) { must(t, s.FillViews(t.Context())) },
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, srv, "filled_"+fmt.Sprint(len(name)))
			must(t, s.Migrate(t.Context(), testClaims))
			run := s.begin(t, 1)
			load(t, run.NewWriter(), 1, []claim{{source: "payer-a", id: "1", note: "x", version: 1, items: []int32{1, 2}}, {source: "payer-b", id: "1", note: "x", version: 1, items: []int32{2}}})
			_, err := run.Promote(t.Context())
			must(t, err)
			s.makeViews(t)
			if got := s.reading(t); len(got) > 0 {
				t.Errorf("%q read rows that are not there", got)
			}
			s.checkViews(t, "before")
			finish(s)
			if got := s.reading(t); !slices.Equal(got, kept) {
				t.Errorf("%q read their rows, want %q", got, kept)
			}
			s.checkViews(t, "after")
			s.makeViews(t)
			s.checkViews(t, "made again")
		})
	}
}

// What a run brings changes the rows of patients that it says nothing of, too.
func TestKeptRowsFollow(t *testing.T) {
	srv := engine(t, t.TempDir())
	start := []claim{
		{source: "payer-a", id: "1", note: "x", version: 1, items: []int32{1}},
		{source: "payer-a", id: "2", note: "1", version: 1, items: []int32{2}},
		{source: "payer-b", id: "3", note: "1", version: 1, items: []int32{2, 2, 3}},
	}
	for name, next := range map[string]claim{
		"a claim goes to another patient":   {source: "payer-a", id: "1", note: "2", version: 2, items: []int32{1}},
		"a claim is deleted":                {source: "payer-a", id: "1", version: 2, deleted: true},
		"a claim has fewer lines":           {source: "payer-b", id: "3", note: "1", version: 2},
		"what another's claim refers to":    {source: "payer-a", id: "1", note: "x", version: 2, items: []int32{1, 4}},
		"it shares a mark with a patient":   {source: "payer-a", id: "3", note: "2", version: 1, items: []int32{2}},
		"it shares a mark no longer":        {source: "payer-a", id: "2", note: "1", version: 2, items: []int32{5}},
		"another source has the patient":    {source: "payer-b", id: "2", note: "x", version: 1},
		"another source has the id":         {source: "payer-b", id: "1", note: "y", version: 1},
		"an older copy, which does not win": {source: "payer-a", id: "1", note: "2", version: 0, items: []int32{1}},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, srv, fmt.Sprintf("follow_%x", name))
			must(t, s.Migrate(t.Context(), testClaims))
			s.makeViews(t)
			for i, claims := range [][]claim{start, {next}} {
				number := uint32(i + 1)
				run := s.begin(t, number)
				load(t, run.NewWriter(), number, claims)
				_, err := run.Promote(t.Context())
				must(t, err)
				must(t, run.Unkept())
				s.checkViews(t, fmt.Sprint("after run ", number))
			}
		})
	}
}
