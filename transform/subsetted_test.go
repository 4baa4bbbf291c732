package transform

import (
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/claimlake/claimlake/internal/lineage"
)

// A resource that lacks elements counts less than a complete one, however old that is.
func TestSubsettedResourcesCountLess(t *testing.T) {
	const updated = `"lastUpdated":"2026-01-02T03:04:05.678901Z"`
	at := time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.UTC)
	below := at.AddDate(0, 0, -36525)
	for name, tc := range map[string]struct {
		line    string
		guarded bool
		want    time.Time
	}{
		"complete":                       {`{"resourceType":"Thing","id":"1","meta":{` + updated + `}}`, true, at},
		"another tag":                    {`{"resourceType":"Thing","id":"1","meta":{` + updated + `,"tag":[{"code":"HTEST"}]}}`, true, at},
		"lacks elements":                 {`{"resourceType":"Thing","id":"1","meta":{` + updated + `,"tag":[{"code":"HTEST"},{"system":"s","code":"SUBSETTED"}]}}`, true, below},
		"lacks elements, tag first":      {`{"meta":{"tag":[{"code":"SUBSETTED","system":"s"}],` + updated + `},"resourceType":"Thing","id":"1"}`, true, below},
		"lacks elements, as asked":       {`{"resourceType":"Thing","id":"1","meta":{` + updated + `,"tag":[{"code":"SUBSETTED"}]}}`, false, at},
		"lacks elements, and a time":     {`{"resourceType":"Thing","id":"1","meta":{"tag":[{"code":"SUBSETTED"}]}}`, true, at.AddDate(0, 0, -36525).Add(-2 * time.Microsecond)},
		"lacks elements, and is ancient": {`{"resourceType":"Thing","id":"1","meta":{"lastUpdated":"1999-01-01T00:00:00Z","tag":[{"code":"SUBSETTED"}]}}`, true, time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := ParseMapping("thing.yaml", []byte("resource: Thing\ntables:\n  - name: thing\n    description: a thing\n    key: [id]\n    columns:\n      - {name: id, path: id, type: id, description: its id}\n"))
			if err != nil {
				t.Fatal(err)
			}
			plan, err := Compile([]*Mapping{m})
			if err != nil {
				t.Fatal(err)
			}
			f := plan.NewFlattener(memory.DefaultAllocator)
			if tc.guarded {
				f.GuardComplete()
			}
			page := lineage.Page{First: 1, Lines: 1, Data: []byte(tc.line + "\n"), Origin: lineage.Origin{TransactionTime: at}}
			got, err := f.Flatten(page)
			if err != nil || len(got.Rejects) > 0 {
				t.Fatalf("%+v, %v", got.Rejects, err)
			}
			defer got.Release()
			b := got.Batches[0]
			versions := b.Column(b.Schema().FieldIndices(lineage.Version)[0]).(*array.Timestamp)
			if v := versions.Value(0).ToTime(arrow.Microsecond); !v.Equal(tc.want) {
				t.Errorf("version %s, want %s", v, tc.want)
			}
		})
	}
}
