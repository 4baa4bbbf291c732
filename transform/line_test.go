package transform

import (
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"
	"github.com/zeebo/xxh3"

	"github.com/claimlake/claimlake/internal/lineage"
)

func TestBadLines(t *testing.T) {
	p := claimPlan(t, []string{"x | a.b | string", "n | n | integer"})
	for name, tc := range map[string]struct {
		line, reason string
		at           int
	}{
		"good":                         {`{"resourceType":"Claim","id":"1"}`, "", 0},
		"type last":                    {`{"id":"1","a":{"resourceType":"X"},"resourceType":"Claim"}`, "", 0},
		"CRLF":                         {"{\"resourceType\":\"Claim\",\"id\":\"1\"}\r", "", 0},
		"byte order mark":              {"\ufeff" + `{"resourceType":"Claim","id":"1"}`, "", 0},
		"text":                         {`hello`, ReasonNotJSON, 0},
		"truncated":                    {`{"resourceType":"Claim","id":"1","a":{"b`, ReasonTruncated, 40},
		"truncated in a literal":       {`{"resourceType":"Claim","id":"1","z":tr`, ReasonTruncated, 39},
		"truncated where skipped":      {`{"resourceType":"Claim","id":"1","z":[{"y":"`, ReasonTruncated, 44},
		"two objects":                  {`{"resourceType":"Claim","id":"1"}{}`, ReasonTrailing, 33},
		"array":                        {`[{"resourceType":"Claim"}]`, ReasonNotObject, 26},
		"number":                       {`12`, ReasonNotObject, 2},
		"no type":                      {`{"id":"1"}`, ReasonNoType, 10},
		"type is no name":              {`{"resourceType":"Jane Doe 1931","id":"1"}`, ReasonNoType, 0},
		"type is no string":            {`{"resourceType":1,"id":"1"}`, ReasonNoType, 17},
		"no id":                        {`{"resourceType":"Claim"}`, ReasonNoID, 24},
		"empty id":                     {`{"resourceType":"Claim","id":""}`, ReasonNoID, 32},
		"id is no string":              {`{"resourceType":"Claim","id":1}`, ReasonNoID, 31},
		"bad UTF-8 in a mapped value":  {"{\"resourceType\":\"Claim\",\"id\":\"1\",\"a\":{\"b\":\"\xff\"}}", ReasonNotUTF8, 43},
		"NUL in a mapped value":        {"{\"resourceType\":\"Claim\",\"id\":\"1\\u0000\x00\"}", ReasonControl, 37},
		"NUL between values":           {"{\"resourceType\":\"Claim\",\x00\"id\":\"1\"}", ReasonNotJSON, 24},
		"bad escape in a mapped value": {`{"resourceType":"Claim","id":"\x"}`, ReasonEscape, 31},
		"short escape":                 {`{"resourceType":"Claim","id":"\u12"}`, ReasonEscape, 34},
		"leading zero":                 {`{"resourceType":"Claim","id":"1","n":01}`, ReasonNotJSON, 38},
		"no fraction":                  {`{"resourceType":"Claim","id":"1","n":1.}`, ReasonNotJSON, 39},
		"comma at the end":             {`{"resourceType":"Claim","id":"1",}`, ReasonNotJSON, 33},
		"missing colon, skipped":       {`{"resourceType":"Claim","id":"1","z":{"y" 1}}`, ReasonNotJSON, 42},
		"missing comma, skipped":       {`{"resourceType":"Claim","id":"1","z":[1 2]}`, ReasonNotJSON, 40},
		"wrong bracket, skipped":       {`{"resourceType":"Claim","id":"1","z":[{"y":[1}]}]}`, ReasonNotJSON, 45},
		"comma at the end, skipped":    {`{"resourceType":"Claim","id":"1","z":[1,]}`, ReasonNotJSON, 40},
		"depth 10,000":                 {`{"resourceType":"Claim","id":"1","z":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + "}", ReasonTooDeep, 548},
		"wrong literal":                {`{"resourceType":"Claim","id":"1","z":nul}`, ReasonNotJSON, 37},
	} {
		t.Run(name, func(t *testing.T) {
			r := flatten(t, p, "\n"+tc.line+"\n"+`{"resourceType":"Claim","id":"next"}`)
			var want []Reject
			if tc.reason != "" {
				length := len(strings.TrimSuffix(tc.line, "\r"))
				want = []Reject{{Line: 2, Offset: 1, Length: length, Reason: tc.reason, At: tc.at}}
			}
			if diff := cmp.Diff(want, r.Rejects); diff != "" {
				t.Error(diff)
			}
			if n := r.Resources["Claim"] + int64(len(r.Rejects)); n != 2 || r.Lines != 2 || len(rows(r, "claim")) != int(r.Resources["Claim"]) {
				t.Errorf("%d lines, %d resources, rows %v", r.Lines, r.Resources["Claim"], rows(r, "claim"))
			}
		})
	}
}

func TestLineOf64MiBAndMore(t *testing.T) {
	p := claimPlan(t, nil)
	line := func(size int) string {
		head, tail := `{"resourceType":"Claim","id":"1","z":"`, `"}`
		return head + strings.Repeat("x", size-len(head)-len(tail)) + tail
	}
	r := flatten(t, p, line(lineage.MaxLineBytes)+"\n"+line(lineage.MaxLineBytes+1))
	if r.Resources["Claim"] != 1 || len(r.Rejects) != 1 || r.Rejects[0].Reason != ReasonTooLong {
		t.Errorf("%v, rejects %v", r.Resources, r.Rejects)
	}
}

func TestBlankLinesAreNotCounted(t *testing.T) {
	r := flatten(t, claimPlan(t, nil), "\n \t\r\n\r\n")
	if r.Lines != 0 || len(r.Rejects) != 0 || len(r.Batches) != 0 {
		t.Errorf("%+v", r)
	}
}

func TestOtherTypes(t *testing.T) {
	p := claimPlan(t, nil)
	data := "{\"resourceType\":\"Claim\",\"id\":\"1\"}\n{\"resourceType\":\"Basic\"}\n{\"resourceType\":\"Basic\""
	r := flatten(t, p, data)
	if r.Unmapped["Basic"] != 1 || len(r.Rejects) != 1 || r.Rejects[0].Reason != ReasonTruncated {
		t.Errorf("unmapped %v, rejects %v", r.Unmapped, r.Rejects)
	}
	r, err := p.NewFlattener(memory.DefaultAllocator).Flatten(lineage.Page{ResourceType: "Claim", First: 1, Data: []byte(data)})
	if err != nil || len(r.Rejects) != 2 || r.Rejects[0].Reason != ReasonWrongType || r.Resources["Claim"] != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestKnownLinesAreSkipped(t *testing.T) {
	known := `{"resourceType":"Claim","id":"1"}`
	f := claimPlan(t, nil).NewFlattener(memory.DefaultAllocator)
	f.Skip(func(typ string, hash uint64) bool { return typ == "Claim" && hash == xxh3.HashString(known) })
	r, err := f.Flatten(lineage.Page{First: 1, Data: []byte(known + "\r\n" + `{"resourceType":"Claim","id":"2"}`)})
	if err != nil || r.Unchanged != 1 || r.Lines != 2 || len(rows(r, "claim")) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestLineage(t *testing.T) {
	p := claimPlan(t, nil, "part: a\n x | x | integer")
	data := `{"resourceType":"Claim","meta":{"lastUpdated":"2024-01-01T00:00:00+01:00"},"id":"1","a":[{},{}]}` + "\n" +
		`{"resourceType":"Claim","meta":{"lastUpdated":"IGNORED_FIELD"},"id":"2"}`
	r := flatten(t, p, data)
	first, _, _ := strings.Cut(data, "\n")
	version := "1970-01-01 00:00:19.999999Z" // lastUpdated is after the export's time
	for _, b := range r.Batches {
		got := map[string]string{}
		for i, c := range b.Columns() {
			got[b.ColumnName(i)] = c.ValueStr(0)
		}
		for name, want := range map[string]string{
			lineage.Source: "payer", lineage.RunID: "run-1", lineage.FileID: "file-1", lineage.Line: "1", lineage.Deleted: "false",
			lineage.RetrievedAt: "1970-01-01 00:00:10Z", lineage.TransactionTime: "1970-01-01 00:00:20Z",
			lineage.Version: version, lineage.Hash: strconv.FormatUint(xxh3.HashString(first), 10), lineage.Mapping: p.resources[0].mapping.id,
		} {
			if got[name] != want {
				t.Errorf("%s is %s, want %s", name, got[name], want)
			}
		}
	}
	root := r.Batches[0]
	versions := root.Column(int(root.NumCols()) - 2)
	if v := versions.ValueStr(1); v != "1970-01-01 00:00:19.999998Z" {
		t.Errorf("without a usable lastUpdated _version is %s, want two microseconds before the transaction time", v)
	}
}

func TestPagesContinueEachOther(t *testing.T) {
	f := claimPlan(t, []string{"x | x | code"}).NewFlattener(memory.DefaultAllocator)
	for page := range 3 {
		data := strings.Repeat(claimLine(`"x":"a"`)+claimLine(`"x":"b"`), 3000)
		r, err := f.Flatten(lineage.Page{First: int64(page*6000 + 1), Data: []byte(data)})
		if err != nil {
			t.Fatal(err)
		}
		got := rows(r, "claim")
		last := r.Batches[0].Column(int(r.Batches[0].NumCols()) - 7).ValueStr(5999)
		if len(got) != 6000 || got[0] != "c1|a" || got[5999] != "c1|b" || last != countText(uint32(page+1)*6000) {
			t.Errorf("page %d: %d rows, last line %s", page, len(got), last)
		}
		r.Release()
	}
}
