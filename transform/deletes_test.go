package transform

import (
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/claimlake/claimlake/internal/lineage"
)

func TestDeletes(t *testing.T) {
	f := claimPlan(t, []string{"x | x | string"}, items).NewFlattener(memory.DefaultAllocator)
	o := origin()
	o.TransactionTime = time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	page := lineage.Page{Origin: o, First: 7, Data: []byte(`{"resourceType":"Bundle","type":"transaction","entry":[` +
		`{"request":{"method":"DELETE","url":"Claim/a"}},{"request":{"method":"PUT","url":"Claim/kept"}},` +
		`{"request":{"method":"DELETE","url":"https://fhir.example.org/r4/Claim/b"}}]}` + "\n\n" +
		`{"resourceType":"Bundle","entry":[{"request":{"method":"DELETE","url":"Device/1"}}]}` + "\n" +
		`{"resourceType":"Claim","id":"c"}` + "\n" + `{"resourceType":"Bundle","entry":[{"requ`)}
	r := f.Deletes(page)
	defer r.Release()
	if len(r.Batches) != 1 || r.Lines != 4 || r.Resources["Bundle"] != 1 || r.Unmapped["Bundle"] != 1 {
		t.Fatalf("%d batches, %d lines, %v, %v", len(r.Batches), r.Lines, r.Resources, r.Unmapped)
	}
	var rejected []int64
	for _, rej := range r.Rejects {
		rejected = append(rejected, rej.Line)
		if got := page.Data[rej.Offset : rej.Offset+int64(rej.Length)]; rej.Reason != ReasonNoDeletion || got[0] != '{' {
			t.Errorf("%+v", rej)
		}
	}
	if diff := cmp.Diff([]int64{10, 11}, rejected); diff != "" {
		t.Error(diff)
	}
	b := r.Batches[0]
	column := func(name string) int { return b.Schema().FieldIndices(name)[0] }
	ids := b.Column(column("id")).(*array.String)
	deleted := b.Column(column(lineage.Deleted)).(*array.Boolean)
	lines := b.Column(column(lineage.Line)).(*array.Int64)
	versions := b.Column(column(lineage.Version)).(*array.Timestamp)
	if ids.Len() != 2 || ids.Value(0) != "a" || ids.Value(1) != "b" || !b.Column(column("x")).IsNull(0) {
		t.Errorf("rows %v", b)
	}
	for i := range ids.Len() {
		if !deleted.Value(i) || lines.Value(i) != 7 || int64(versions.Value(i)) != o.TransactionTime.UnixMicro() {
			t.Errorf("row %d: deleted %v, line %d, version %v", i, deleted.Value(i), lines.Value(i), versions.Value(i))
		}
	}
}

// What a deletion means is never guessed: only Type/id deletes.
func TestDeletionsThatAreNotUnderstood(t *testing.T) {
	f := claimPlan(t, []string{"x | x | string"}).NewFlattener(memory.DefaultAllocator)
	for url, deleted := range map[string]bool{
		"Claim/a":                               true,
		"https://fhir.example.org/r4/Claim/a":   true,
		"Claim?patient=1":                       false,
		"Claim?patient=Claim/a":                 false,
		"https://fhir.example.org/r4?x=Claim/a": false,
		"Claim/a/_history/2":                    false,
		"Claim/":                                false,
		"":                                      false,
	} {
		r := f.Deletes(lineage.Page{Origin: origin(), First: 1, Data: []byte(`{"resourceType":"Bundle","entry":[` +
			`{"request":{"method":"DELETE","url":"Claim/other"}},{"request":{"method":"DELETE","url":"` + url + `"}}]}`)})
		rows := map[bool]int64{true: 2, false: 1}[deleted]
		if r.Batches[0].NumRows() != rows || (len(r.Rejects) == 0) != deleted || !deleted && r.Rejects[0].Reason != ReasonSomeDeletion {
			t.Errorf("%q: %d rows, rejects %v", url, r.Batches[0].NumRows(), r.Rejects)
		}
		r.Release()
	}
}

// Resources in a Bundle of deletions are not lost without a word.
func TestDeletionsWithResources(t *testing.T) {
	f := claimPlan(t, []string{"x | x | string"}).NewFlattener(memory.DefaultAllocator)
	r := f.Deletes(lineage.Page{Origin: origin(), First: 1, Data: []byte(`{"resourceType":"Bundle","entry":[{"request":{"method":"DELETE","url":"Claim/a/"}},{"resource":{"resourceType":"Claim","id":"b"}}]}`)})
	defer r.Release()
	if len(r.Batches) != 1 || r.Batches[0].NumRows() != 1 || len(r.Rejects) != 1 || r.Rejects[0].Reason != ReasonMoreThan {
		t.Errorf("%d batches, rejects %v", len(r.Batches), r.Rejects)
	}
}

// What is more than a resource that nobody wants is a line that could not be used.
func TestLinesThatAreNoResource(t *testing.T) {
	for line, want := range map[string]string{
		`{"resourceType":"Bundle","type":"collection","entry":[]}`:                                      ReasonBundle,
		`{"type":"searchset","resourceType":"Bundle"}`:                                                  ReasonBundle,
		`{"resourceType":"Bundle","entry":[}`:                                                           ReasonNotJSON,
		`{"resourceType":"OperationOutcome","issue":[{"severity":"information"},{"severity":"error"}]}`: ReasonOutcome,
		`{"resourceType":"OperationOutcome","issue":[{"severity":"fatal"}]}`:                            ReasonOutcome,
		`{"resourceType":"OperationOutcome","issue":[{"severity":"warning"}]}`:                          "",
		`{"resourceType":"OperationOutcome"}`:                                                           "",
		`{"resourceType":"Basic","id":"1","issue":[{"severity":"error"}]}`:                              "",
	} {
		for _, announced := range []string{"", "Claim"} {
			r, err := claimPlan(t, []string{"x | x | string"}).NewFlattener(memory.DefaultAllocator).Flatten(lineage.Page{Origin: origin(), ResourceType: announced, First: 1, Data: []byte(line + "\n")})
			if err != nil {
				t.Fatal(err)
			}
			want := want
			if want == "" && announced != "" {
				want = ReasonWrongType
			}
			if want == "" && (len(r.Rejects) != 0 || len(r.Unmapped) != 1) || want != "" && (len(r.Rejects) != 1 || r.Rejects[0].Reason != want) {
				t.Errorf("%s in a file of %q: %v, %v; want %q", line, announced, r.Rejects, r.Unmapped, want)
			}
			r.Release()
		}
	}
}
