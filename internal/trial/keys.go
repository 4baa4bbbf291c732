package trial

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/tidwall/gjson"
	"github.com/zeebo/xxh3"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/transform"
)

// Keys finds rows that have the same key though they are not the same row of
// another version of the resource: a store would keep only one of them.
type Keys struct {
	seen      map[xxh3.Uint128]place
	repeated  map[string]*Repeated
	resources map[int64]uint64 // hash of the id, by line of the page
}

// place is where a key was seen first.
type place struct {
	page     int // of the sample
	line     int64
	resource uint64
}

// Repeated says that rows of a table have the same key.
type Repeated struct {
	Table string
	Key   []string
	Rows  int64 // beyond the first of each key
	Line  int64 // of the first such row, in its file
}

// NewKeys makes Keys that have seen nothing.
func NewKeys() *Keys {
	return &Keys{seen: map[xxh3.Uint128]place{}, repeated: map[string]*Repeated{}}
}

// Add looks at the rows of a page.
func (k *Keys) Add(page int, p lineage.Page, r *transform.Result) error {
	k.resources = map[int64]uint64{}
	number := p.First
	for line := range bytes.Lines(p.Data) {
		k.resources[number] = xxh3.HashString(gjson.GetBytes(line, "id").String())
		number++
	}
	for _, b := range r.Batches {
		if err := k.batch(page, b); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keys) batch(page int, b arrow.Record) error {
	t, err := table.Of(b.Schema())
	if err != nil {
		return err
	}
	var columns []arrow.Array
	for _, name := range t.Key {
		columns = append(columns, b.Column(b.Schema().FieldIndices(name)[0]))
	}
	lines := b.Column(b.Schema().FieldIndices(lineage.Line)[0]).(*array.Int64)
	var text strings.Builder
	for i := range int(b.NumRows()) {
		text.Reset()
		text.WriteString(t.Name)
		for _, c := range columns {
			fmt.Fprintf(&text, "\x00%q", c.ValueStr(i))
		}
		line := lines.Value(i)
		k.row(t, xxh3.HashString128(text.String()), place{page: page, line: line, resource: k.resources[line]})
	}
	return nil
}

// row compares a row with the first that had its key. A resource may come again,
// on another line.
func (k *Keys) row(t table.Table, key xxh3.Uint128, at place) {
	first, ok := k.seen[key]
	if !ok {
		k.seen[key] = at
		return
	}
	sameLine := first.page == at.page && first.line == at.line
	if !sameLine && first.resource == at.resource {
		k.seen[key] = at
		return
	}
	if k.repeated[t.Name] == nil {
		k.repeated[t.Name] = &Repeated{Table: t.Name, Key: t.Key, Line: at.line}
	}
	k.repeated[t.Name].Rows++
}

// Repeated lists the tables whose keys are not unique, in the order of names.
func (k *Keys) Repeated(names []string) []Repeated {
	var list []Repeated
	for _, name := range names {
		if r := k.repeated[name]; r != nil {
			list = append(list, *r)
		}
	}
	return list
}
