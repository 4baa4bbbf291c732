package transform

import (
	"bytes"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/tidwall/gjson"
	"github.com/zeebo/xxh3"

	"github.com/claimlake/claimlake/internal/lineage"
)

// Why a line of a file of deletions could not be used.
const ReasonNoDeletion = "not a Bundle of deletions"

// Deletes makes tombstones of a page of deletions: lines that are Bundles of type
// transaction, whose entries are DELETE requests (Bulk Data, "deleted"). A
// tombstone is a row of the resource's main table that has its key and its
// lineage, with _deleted true. It outranks what the export's transactionTime
// covers. The caller releases the Result.
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
	if !gjson.ValidBytes(data) || gjson.GetBytes(data, "resourceType").Str != "Bundle" || !gjson.GetBytes(data, `entry.#(request.method=="DELETE")`).Exists() {
		d.result.Rejects = append(d.result.Rejects, Reject{Line: number, Offset: offset, Length: len(data), Reason: ReasonNoDeletion})
		return
	}
	info := lineInfo{number: number, hash: xxh3.Hash(data), version: d.page.TransactionTime.UnixMicro()}
	mapped := false
	for _, url := range gjson.GetBytes(data, `entry.#(request.method=="DELETE")#.request.url`).Array() {
		mapped = d.tombstone(url.Str, info) || mapped
	}
	if mapped {
		d.result.Resources["Bundle"]++
	} else {
		d.result.Unmapped["Bundle"]++
	}
}

// tombstone adds the row for a request's URL, Type/id, also absolute. It reports
// whether the type has a mapping.
func (d *deletes) tombstone(url string, info lineInfo) bool {
	segments := strings.Split(url, "/")
	if len(segments) < 2 {
		return false
	}
	typ, id := segments[len(segments)-2], segments[len(segments)-1]
	l := d.flattener.lanes[typ]
	if l == nil || id == "" {
		return false
	}
	t := l.tables[0].plan
	b := d.rows[typ]
	if b == nil {
		b = array.NewRecordBuilder(d.flattener.mem, t.schema)
		d.rows[typ] = b
	}
	for i, c := range t.columns {
		if !c.required {
			b.Field(i).AppendNull()
			continue
		}
		appendKey(b.Field(i), id)
	}
	d.lineage(b, len(t.columns), t.mapping, info)
	return true
}

// appendKey appends the id to a main table's key column, which is a string.
func appendKey(b array.Builder, id string) { b.(*array.StringBuilder).Append(id) }

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
