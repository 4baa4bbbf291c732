package pipeline

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	pq "github.com/parquet-go/parquet-go"
	"github.com/zeebo/xxh3"

	"github.com/claimlake/claimlake/internal/policy"
)

// pseudonymous is a policy under which ids are pseudonyms.
var pseudonymous = policy.Spec{Rules: []policy.Rule{{Match: []string{"claim.id", "claim_item.claim_id"}, Action: policy.Pseudonymise}}}

// pseudonym is what the policy makes of an id, by what docs/policy.md says.
func pseudonym(id string) string {
	m := hmac.New(sha256.New, []byte("0123456789abcdef"))
	_, _ = m.Write([]byte("pseudonym\x00" + id))
	return hex.EncodeToString(m.Sum(nil)[:16])
}

// Ranks order the copies of a claim as times do: in one run and over runs, with copies
// that come late, deletions, and rows that were loaded before there were ranks. Neither
// store has a time or a hash that leads back to a line.
func TestRanksOrderCopies(t *testing.T) {
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	w := warehouse(t, lake)
	before := options(t, lake, w)
	o := underPolicy(t, before, pseudonymous)
	id := func(n string) string { return pseudonym(n) + "|1|" }
	gone := func(n string) string {
		return `{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Claim/` + n + `"}}]}`
	}
	const monday, tuesday, wednesday = "2021-01-01T00:00:00Z", "2021-01-02T00:00:00.000001Z", "2021-01-02T00:00:00.000002Z"
	for _, step := range []struct {
		name  string
		o     Options
		lines []string
		want  []string
	}{
		{"rows of before there were ranks", before, []string{claimLine(pseudonym("1"), monday, "1"), claimLine(pseudonym("2"), monday, "2")}, []string{id("1") + "1.0000", id("2") + "2.0000"}},
		{"a later copy, and an older one in the same run", o, []string{claimLine("1", wednesday, "3"), claimLine("1", tuesday, "4"), claimLine("3", tuesday, "5")}, []string{id("1") + "3.0000", id("2") + "2.0000", id("3") + "5.0000"}},
		{"an older copy in a later run", o, []string{claimLine("1", tuesday, "6"), claimLine("3", monday, "7")}, []string{id("1") + "3.0000", id("2") + "2.0000", id("3") + "5.0000"}},
		{"deletions", o, []string{gone("1"), gone("2")}, []string{id("3") + "5.0000"}},
		{"an older copy of what is deleted", o, []string{claimLine("1", "2001-01-01T00:00:00Z", "8")}, []string{id("3") + "5.0000"}},
		{"what is known", o, []string{claimLine("3", tuesday, "5")}, []string{id("3") + "5.0000"}},
	} {
		r, err := flatten(t, step.o, write(t, filepath.Join(dir, "in.ndjson"), step.lines...))
		if err != nil {
			t.Fatal(step.name, err)
		}
		want := slices.Sorted(slices.Values(step.want))
		if got := items(t, lake); !slices.Equal(got, want) || !slices.Equal(w.stored(t), want) {
			t.Errorf("%s: %v in the lake, %v in ClickHouse, want %v", step.name, got, w.stored(t), want)
		}
		if step.name == "what is known" && r.Counts.Unchanged != 1 {
			t.Errorf("%s: %+v", step.name, r.Counts)
		}
	}
	if rows := w.rows(t, "SELECT count() FROM claim_v WHERE _mapping LIKE '%policy%' AND (toDate(_version) BETWEEN '2020-12-31' AND '2021-01-03' OR formatDateTime(_retrieved_at, '%m-%d %H:%i:%S') != '01-01 00:00:00' OR formatDateTime(_transaction_time, '%m-%d %H:%i:%S') != '01-01 00:00:00')"); rows[0] != "0" {
		t.Errorf("%s rows have times", rows[0])
	}
	if rows := w.rows(t, "SELECT count() FROM _file WHERE name LIKE '%in.ndjson%'"); rows[0] != "1" { // that of before
		t.Errorf("%s files have their names", rows[0])
	}
	for _, row := range hashesOf(t, lake) {
		if row == xxh3.HashString(claimLine("3", tuesday, "5")) {
			t.Error("a hash that everybody can make")
		}
	}
}

// What a full export lacks goes, under ranks too, comes back when it is sent again, and
// its tombstone tells no time.
func TestAbsencesUnderRanks(t *testing.T) {
	lake := filepath.Join(t.TempDir(), "lake")
	w := warehouse(t, lake)
	o := underPolicy(t, options(t, lake, w), pseudonymous)
	o.Kind, o.Full, o.AcceptAbsent = "sync", true, true
	s := &server{}
	for _, step := range []struct{ lines, want []string }{
		{[]string{claimLine("1", monday, "1"), claimLine("2", monday, "2")}, []string{"1.0000", "2.0000"}},
		{[]string{claimLine("1", monday, "1")}, []string{"1.0000"}},
		{[]string{claimLine("1", monday, "1"), claimLine("2", monday, "2")}, []string{"1.0000", "2.0000"}},
	} {
		s.content = strings.Join(step.lines, "\n") + "\n"
		if _, err := Run(t.Context(), o, s); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, row := range items(t, lake) {
			got = append(got, row[strings.LastIndexByte(row, '|')+1:])
		}
		slices.Sort(got)
		if !slices.Equal(got, step.want) || !slices.Equal(items(t, lake), w.stored(t)) {
			t.Errorf("%v in the lake, %v in ClickHouse, want %v", items(t, lake), w.stored(t), step.want)
		}
	}
	if rows := w.rows(t, "SELECT count(), countIf(formatDateTime(_retrieved_at, '%m-%d %H:%i:%S') != '01-01 00:00:00') FROM claim_v WHERE _deleted"); rows[0] != "1|0" {
		t.Errorf("tombstones, and those with times: %s", rows[0])
	}
}

func hashesOf(t *testing.T, lake string) (hashes []uint64) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(lake, "current", "claim", "*.parquet"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		rows, err := pq.ReadFile[struct {
			Hash uint64 `parquet:"_hash"`
		}](f)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			hashes = append(hashes, r.Hash)
		}
	}
	return hashes
}
