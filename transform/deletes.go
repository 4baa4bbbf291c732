package transform

import (
	"bytes"
	"encoding/json"
	"regexp"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/tidwall/gjson"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/transform/internal/value"
)

// Why a line of a file of deletions could not be used, or not all of it. These texts
// are stable, like those of other lines.
const (
	ReasonNoDeletion   = "not a Bundle of deletions"
	ReasonSomeDeletion = "a deletion that does not say Type/id"
	ReasonMoreThan     = "a Bundle of deletions that has resources, too"
)

// Deletes makes tombstones of a page of deletions: lines that are Bundles of type
// transaction, whose entries are DELETE requests (Bulk Data, "deleted"). A
// tombstone is a row of the resource's main table that has its key and its
// lineage, with _deleted true. It outranks what the export's transactionTime
// covers. A deletion of another kind, such as by a search, is not guessed at: its
// line is rejected, and the others of the line count all the same. The caller
// releases the Result.
func (f *Flattener) Deletes(pg lineage.Page) *Result {
	d := deletes{flattener: f, page: pg, rows: map[string]*array.RecordBuilder{}, result: &Result{Resources: map[string]int64{}, Unmapped: map[string]int64{}}}
	number, offset := pg.First, pg.Offset
	for line := range bytes.Lines(pg.Data) {
		d.line(number, offset, bytes.TrimRight(line, "\r\n"))
		number, offset = number+1, offset+int64(len(line))
	}
	return d.finish()
}

// deletes are the tombstones of one page.
type deletes struct {
	flattener *Flattener
	page      lineage.Page
	rows      map[string]*array.RecordBuilder // by resource type
	result    *Result
}

func (d *deletes) line(number, offset int64, data []byte) {
	if len(bytes.TrimSpace(data)) == 0 {
		return
	}
	d.result.Lines++
	info := lineInfo{number: number, hash: d.flattener.hash(data), version: d.page.TransactionTime.UnixMicro()}
	if version, ok := absentVersion(data); ok {
		info.version = version
	}
	mapped, reason := d.bundle(data, info)
	switch {
	case reason != "":
		d.result.Rejects = append(d.result.Rejects, Reject{Line: number, Offset: offset, Length: len(data), Reason: reason})
	case mapped:
		d.result.Resources["Bundle"]++
	default:
		d.result.Unmapped["Bundle"]++
	}
}

// bundle adds the tombstones of a line. It reports whether there is any, and the
// reason why the line could not be used whole.
func (d *deletes) bundle(data []byte, info lineInfo) (mapped bool, reason string) {
	if !gjson.ValidBytes(data) || gjson.GetBytes(data, "resourceType").Str != "Bundle" {
		return false, ReasonNoDeletion
	}
	entries := gjson.GetBytes(data, `entry.#(request.method=="DELETE")#.request`).Array()
	if len(entries) == 0 {
		return false, ReasonNoDeletion
	}
	if len(gjson.GetBytes(data, "entry.#.resource").Array()) > 0 {
		reason = ReasonMoreThan
	}
	for _, request := range entries {
		typ, id, ok := deletion(request.Get("url").Str)
		if !ok {
			reason = ReasonSomeDeletion
			continue
		}
		mapped = d.tombstone(typ, id, info) || mapped
	}
	return mapped, reason
}

var deletionURL = regexp.MustCompile(`^(?:https?://[^?#]+/)?([A-Z][A-Za-z]+)/([A-Za-z0-9.\-]{1,64})/?$`)

// deletion reads the URL of a DELETE request, Type/id, also absolute.
func deletion(url string) (typ, id string, ok bool) {
	m := deletionURL.FindStringSubmatch(url)
	if m == nil {
		return "", "", false
	}
	return m[1], m[2], true
}

// tombstone adds the row of a deleted resource. It reports whether the type has a
// mapping.
func (d *deletes) tombstone(typ, id string, info lineInfo) bool {
	l := d.flattener.lanes[typ]
	if l == nil {
		return false
	}
	t := l.tables[0].plan
	b := d.rows[typ]
	if b == nil {
		b = array.NewRecordBuilder(d.flattener.mem, t.schema)
		d.rows[typ] = b
	}
	info.version = d.flattener.outranking(typ, []byte(id), info.version)
	for i, c := range t.columns {
		if !c.required {
			b.Field(i).AppendNull()
			continue
		}
		b.Field(i).(*array.StringBuilder).Append(id) // the key of a main table is the id
	}
	d.lineage(b, len(t.columns), t.mapping, info)
	return true
}

// lineage appends the lineage columns, in the order of lineage.Fields.
func (d *deletes) lineage(b *array.RecordBuilder, at int, mapping string, info lineInfo) {
	code := func(i int, text string) {
		// The error is a dictionary's overflow, beyond what a page has.
		_ = b.Field(at + i).(*array.BinaryDictionaryBuilder).AppendString(text)
	}
	instant := func(i int, micros int64) {
		b.Field(at + i).(*array.TimestampBuilder).Append(arrow.Timestamp(micros))
	}
	o := d.page.Origin
	code(0, o.Source)
	code(1, o.RunID)
	code(2, o.FileID)
	b.Field(at + 3).(*array.Int64Builder).Append(info.number)
	instant(4, o.RetrievedAt.UnixMicro())
	instant(5, o.TransactionTime.UnixMicro())
	code(6, mapping)
	b.Field(at + 7).(*array.Uint64Builder).Append(info.hash)
	instant(8, info.version)
	b.Field(at + 9).(*array.BooleanBuilder).Append(true)
}

// finish takes the batches, in the order of the plan.
func (d *deletes) finish() *Result {
	for _, rp := range d.flattener.plan.resources {
		if b := d.rows[rp.mapping.Resource]; b != nil {
			d.result.Batches = append(d.result.Batches, b.NewRecord())
			b.Release()
		}
	}
	return d.result
}

// absentTag marks a deletion that no server reported: a full export lacks the resource.
const absentTag = "urn:claimlake:absent"

// Absent returns a line for Deletes that deletes a resource that a full export lacks. Its
// tombstone has the version of the loaded copy, so that it hides this copy and no later
// one, should the server have the resource again.
func Absent(resourceType, id string, version time.Time) []byte {
	type tag struct {
		System string `json:"system"`
	}
	type request struct {
		Method string `json:"method"`
		URL    string `json:"url"`
	}
	type entry struct {
		Request request `json:"request"`
	}
	type meta struct {
		LastUpdated string `json:"lastUpdated"`
		Tag         []tag  `json:"tag"`
	}
	line, _ := json.Marshal(struct { // cannot fail: strings alone
		ResourceType string  `json:"resourceType"`
		Type         string  `json:"type"`
		Meta         meta    `json:"meta"`
		Entry        []entry `json:"entry"`
	}{"Bundle", "transaction", meta{version.UTC().Format("2006-01-02T15:04:05.000000Z"), []tag{{absentTag}}}, []entry{{request{"DELETE", resourceType + "/" + id}}}})
	return append(line, '\n')
}

// absentVersion is the version in a line of Absent; false for other lines.
func absentVersion(line []byte) (micros int64, ok bool) {
	if !gjson.GetBytes(line, `meta.tag.#(system=="`+absentTag+`")`).Exists() {
		return 0, false
	}
	m, ok := value.ParseMoment([]byte(gjson.GetBytes(line, "meta.lastUpdated").Str))
	return m.Micros(), ok
}
