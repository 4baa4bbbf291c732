package transform

import (
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/claimlake/claimlake/internal/lineage"
)

// versionsOf are the versions of the rows of claims in a page of an export.
func versionsOf(t *testing.T, f *Flattener, exported time.Time, lines string) (versions []time.Time, r *Result) {
	t.Helper()
	r, err := f.Flatten(lineage.Page{First: 1, Data: []byte(lines), Origin: lineage.Origin{TransactionTime: exported}})
	if err != nil || len(r.Rejects) > 0 {
		t.Fatal(err, r.Rejects)
	}
	return versionColumn(r.Batches[0]), r
}

func versionColumn(b arrow.Record) (versions []time.Time) {
	for _, v := range b.Column(b.Schema().FieldIndices(lineage.Version)[0]).(*array.Timestamp).TimestampValues() {
		versions = append(versions, v.ToTime(arrow.Microsecond))
	}
	return versions
}

func TestVersions(t *testing.T) {
	exported := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	unranked := exported.Add(-2 * time.Microsecond) // two versions before the export's deletions
	for name, tc := range map[string]struct {
		meta  string
		want  time.Time
		count int64
	}{
		"changed before the export":        {`{"lastUpdated":"2026-05-01T00:00:00Z"}`, time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC), 0},
		"changed at the export's time":     {`{"lastUpdated":"2026-06-01T12:00:00Z"}`, exported, 0},
		"changed by a clock that is ahead": {`{"lastUpdated":"2030-01-01T00:00:00Z"}`, exported.Add(-time.Microsecond), 0},
		"changed in the year 1":            {`{"lastUpdated":"0001-01-01T00:00:00Z"}`, time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), 0},
		"no meta":                          {`{}`, unranked, 0},
		"a version's number":               {`{"versionId":"7"}`, unranked, 0},
		"a version's number as a number":   {`{"versionId":12}`, unranked, 0},
		"a version that is no number":      {`{"versionId":"W/abc"}`, unranked, 0},
		"a time that is none":              {`{"lastUpdated":"yesterday","versionId":"3"}`, unranked, 1},
		"a time that is no text":           {`{"lastUpdated":20260501}`, unranked, 1},
	} {
		f := claimPlan(t, nil).NewFlattener(memory.DefaultAllocator)
		got, r := versionsOf(t, f, exported, `{"resourceType":"Claim","id":"1","meta":`+tc.meta+`}`)
		if !got[0].Equal(tc.want) {
			t.Errorf("%s: version %s, want %s", name, got[0], tc.want)
		}
		if n := countOf(r.Counts); n != tc.count {
			t.Errorf("%s: %d counted that cannot be read, want %d", name, n, tc.count)
		}
		if n, want := countOf(r.Untimed), !strings.Contains(tc.meta, "lastUpdated"); (n == 1) != want {
			t.Errorf("%s: %d counted that have no time", name, n)
		}
		r.Release()
	}
}

func countOf(list []ValueCount) (n int64) {
	for _, c := range list {
		n += c.Count
	}
	return n
}

// Deletions get the version of the loaded copy, so that the later run wins.
func TestOutrank(t *testing.T) {
	exported, ahead := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	deletion := `{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Claim/1"}},{"request":{"method":"DELETE","url":"Claim/2"}}]}`
	f := claimPlan(t, nil).NewFlattener(memory.DefaultAllocator)
	f.Outrank(func(_ string, id []byte) (int64, bool) { return ahead.UnixMicro(), string(id) == "1" })
	page := lineage.Page{First: 1, Data: []byte(deletion), Origin: lineage.Origin{TransactionTime: exported}}
	if got := versionColumn(f.Deletes(page).Batches[0]); !got[0].Equal(ahead) || !got[1].Equal(exported) {
		t.Errorf("versions of deletions %s", got)
	}
}

// Days that ClickHouse does not have are the nearest that it has, and counted.
func TestDaysOfAllStores(t *testing.T) {
	for in, want := range map[string]string{
		"1899-12-31": "1900-01-01", "1900-01-01": "1900-01-01", "0001-01-01": "1900-01-01",
		"2299-12-31": "2299-12-31", "2300-01-01": "2299-12-31", "9999-12-31": "2299-12-31",
	} {
		r := flatten(t, claimPlan(t, []string{"x | x | date"}), `{"resourceType":"Claim","id":"1","x":"`+in+`"}`)
		if got := rows(r, "claim")[0]; got != "1|"+want {
			t.Errorf("%s is %s, want %s", in, got, want)
		}
		if (len(r.Counts) == 1) != (in != want) {
			t.Errorf("%s: counted %v", in, r.Counts)
		}
	}
}
