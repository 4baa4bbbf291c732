package transform

import (
	"testing"
	"time"

	"github.com/claimlake/claimlake/internal/lineage"
)

// A deletion that no server told ranks as the copy that it hides; another as its
// export, whatever its Bundle says.
func TestAbsentHasTheVersionOfTheCopy(t *testing.T) {
	version := time.Date(2024, 2, 3, 4, 5, 6, 789012000, time.UTC)
	export := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	told := `{"resourceType":"Bundle","type":"transaction","meta":{"lastUpdated":"2024-02-03T04:05:06Z"},"entry":[{"request":{"method":"DELETE","url":"Claim/c1"}}]}` + "\n"
	for name, tc := range map[string]struct {
		line string
		want time.Time
	}{
		"absent": {string(Absent("Claim", "c1", version)), version},
		"told":   {told, export},
	} {
		o := origin()
		o.TransactionTime = export
		r := claimPlan(t, nil).NewFlattener(NewPool()).Deletes(lineage.Page{Origin: o, First: 1, Data: []byte(tc.line)})
		if len(r.Batches) != 1 || len(r.Rejects) > 0 {
			t.Fatalf("%s: %+v", name, r)
		}
		at := r.Batches[0].Schema().FieldIndices(lineage.Version)[0]
		if got := r.Batches[0].Column(at).ValueStr(0); got != tc.want.Format("2006-01-02 15:04:05.999999Z") {
			t.Errorf("%s: version %s, want %s", name, got, tc.want)
		}
		r.Release()
	}
}
