package parquet

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
	"github.com/zeebo/xxh3"

	"github.com/claimlake/claimlake/internal/table"
)

// Keys of a part's metadata, besides those of internal/table.
const (
	keyArrowSchema = "ARROW:schema" // pyarrow restores Arrow types from it
	keyRun         = "claimlake.run"
	severalRuns    = "*" // value of keyRun
	keyColumns     = "claimlake.columns"
	keyCheck       = "claimlake.check" // XXH3 of the texts of the Arrow schema and the columns, in hexadecimal
)

// layout is a table as Parquet holds it.
type layout struct {
	table.Table
	schema   *arrow.Schema
	leaves   []leaf                 // one per Arrow field
	elements []format.SchemaElement // the Parquet schema, depth first
	metadata []format.KeyValue
}

// layoutOf derives the Parquet schema from the Arrow schema.
func layoutOf(s *arrow.Schema) (layout, error) {
	t, err := table.Of(s)
	if err != nil {
		return layout{}, err
	}
	if err := checkName("table", t.Name); err != nil {
		return layout{}, err
	}
	l := layout{Table: t, schema: s, elements: []format.SchemaElement{{Name: t.Name, NumChildren: thrift.New(int32(s.NumFields()))}}}
	for _, f := range s.Fields() {
		leaf, elements, err := leafOf(f)
		if err != nil {
			return layout{}, fmt.Errorf("table %s, column %s: %w", t.Name, f.Name, err)
		}
		l.leaves = append(l.leaves, leaf)
		l.elements = append(l.elements, elements...)
	}
	for _, k := range t.Key {
		if !s.HasField(k) {
			return layout{}, fmt.Errorf("table %s: key column %s is not in the schema", t.Name, k)
		}
	}
	l.metadata, err = metadataOf(s)
	return l, err
}

// columnJSON is what a part says of a column: what internal/table has in a field's
// metadata. The Arrow schema does not say it again: in a wide table it is most of the
// footer.
type columnJSON struct {
	Name        string `json:"name"`
	Type        string `json:"type,omitempty"`
	Path        string `json:"path,omitempty"`
	Description string `json:"description,omitempty"`
}

// metadataOf is what a part says about itself: the table as transform describes
// it, its columns as JSON for people and tools, and the Arrow schema.
func metadataOf(s *arrow.Schema) ([]format.KeyValue, error) {
	var out []format.KeyValue
	m := s.Metadata()
	for i, key := range m.Keys() {
		out = append(out, format.KeyValue{Key: key, Value: m.Values()[i]})
	}
	var columns []columnJSON
	for _, f := range s.Fields() {
		columns = append(columns, columnJSON{f.Name, table.ColumnType(f), table.ColumnPath(f), table.ColumnDescription(f)})
	}
	text, err := json.Marshal(columns)
	if err != nil {
		return nil, err
	}
	arrowSchema, err := encodeSchema(bare(s))
	if err != nil {
		return nil, err
	}
	return append(out, format.KeyValue{Key: keyColumns, Value: string(text)}, format.KeyValue{Key: keyArrowSchema, Value: arrowSchema}, format.KeyValue{Key: keyCheck, Value: checkOf(arrowSchema + string(text))}), nil
}

// bare is the schema without what the columns' JSON says.
func bare(s *arrow.Schema) *arrow.Schema {
	fields := s.Fields()
	for i := range fields {
		fields[i].Metadata = arrow.Metadata{}
	}
	m := s.Metadata()
	return arrow.NewSchema(fields, &m)
}

// described is the schema with what the columns' JSON says.
func described(s *arrow.Schema, text string) (*arrow.Schema, error) {
	var columns []columnJSON
	if err := json.Unmarshal([]byte(text), &columns); err != nil || len(columns) != s.NumFields() {
		return nil, errors.New("the columns' descriptions are damaged")
	}
	fields := s.Fields()
	for i, c := range columns {
		f := fields[i]
		fields[i] = table.Field(f.Name, f.Type, f.Nullable, c.Type, c.Path, c.Description)
	}
	m := s.Metadata()
	return arrow.NewSchema(fields, &m), nil
}

// encodeSchema writes the schema as Arrow's own Parquet writers do.
func encodeSchema(s *arrow.Schema) (string, error) {
	var buf bytes.Buffer
	if err := ipc.NewWriter(&buf, ipc.WithSchema(s)).Close(); err != nil {
		return "", fmt.Errorf("encode the Arrow schema: %w", err)
	}
	return base64.StdEncoding.EncodeToString(buf.Bytes()), nil
}

func checkOf(text string) string { return strconv.FormatUint(xxh3.HashString(text), 16) }

// decodeSchema reads what metadataOf wrote, now or before columns were described once
// only. Pages have checksums, the footer has none, and Arrow trusts the lengths in a
// schema: so check is compared first.
func decodeSchema(text, columns, check string) (*arrow.Schema, error) {
	if checkOf(text) == check {
		return decodeArrow(text)
	}
	if checkOf(text+columns) != check {
		return nil, errors.New("the Arrow schema is damaged")
	}
	s, err := decodeArrow(text)
	if err != nil {
		return nil, err
	}
	return described(s, columns)
}

func decodeArrow(text string) (*arrow.Schema, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("decode the Arrow schema: %w", err)
	}
	r, err := ipc.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("decode the Arrow schema: %w", err)
	}
	defer r.Release()
	return r.Schema(), nil
}
