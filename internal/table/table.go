// Package table is the description of a table as it travels from transform to
// load: an Arrow schema whose metadata says what the table and its columns
// are. transform writes it from a mapping; load derives from it the Parquet
// schema, the ClickHouse DDL and the comments. There is no second description.
package table

import (
	"fmt"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
)

// Keys of the schema's metadata.
const (
	keyName        = "claimlake.table"
	keyResource    = "claimlake.resource"
	keyDescription = "claimlake.description"
	keyKey         = "claimlake.key"
	keyRoot        = "claimlake.root"
	keyMapping     = "claimlake.mapping"
)

// Keys of a field's metadata.
const (
	fieldType        = "type"
	fieldPath        = "path"
	fieldDescription = "description"
)

// Table says what an Arrow schema describes.
type Table struct {
	Name        string   // snake_case, such as explanation_of_benefit_item
	Resource    string   // FHIR resource type
	Description string   // one line
	Key         []string // columns that identify a row within a source; the first is the resource's id
	Root        string   // the resource's main table, which has one row per resource; equal to Name there
	Mapping     string   // name and hash of the mapping, as in the column _mapping
}

// IsRoot reports whether t has one row per resource.
func (t Table) IsRoot() bool { return t.Name == t.Root }

// Schema joins t and its fields (columns first, lineage columns last).
func (t Table) Schema(fields []arrow.Field) *arrow.Schema {
	m := arrow.NewMetadata(
		[]string{keyName, keyResource, keyDescription, keyKey, keyRoot, keyMapping},
		[]string{t.Name, t.Resource, t.Description, strings.Join(t.Key, ","), t.Root, t.Mapping},
	)
	return arrow.NewSchema(fields, &m)
}

// Of reads the table's description back from a schema made by Table.Schema.
func Of(s *arrow.Schema) (Table, error) {
	m := s.Metadata()
	get := func(key string) string {
		v, _ := m.GetValue(key)
		return v
	}
	t := Table{
		Name:        get(keyName),
		Resource:    get(keyResource),
		Description: get(keyDescription),
		Key:         strings.Split(get(keyKey), ","),
		Root:        get(keyRoot),
		Mapping:     get(keyMapping),
	}
	if t.Name == "" || t.Key[0] == "" {
		return Table{}, fmt.Errorf("schema without table metadata: want %s and %s", keyName, keyKey)
	}
	return t, nil
}

// Field makes a column: its mapping type (such as "decimal(18,4)"), the gjson
// path it is read from, and one line that describes it.
func Field(name string, t arrow.DataType, nullable bool, mappingType, path, description string) arrow.Field {
	return arrow.Field{Name: name, Type: t, Nullable: nullable, Metadata: arrow.NewMetadata(
		[]string{fieldType, fieldPath, fieldDescription}, []string{mappingType, path, description},
	)}
}

// ColumnType is the mapping type of a column, such as "code" or "decimal(18,4)".
func ColumnType(f arrow.Field) string { return meta(f, fieldType) }

// ColumnPath is the gjson path of a column, relative to its row; "" for lineage.
func ColumnPath(f arrow.Field) string { return meta(f, fieldPath) }

// ColumnDescription is the one line that describes a column.
func ColumnDescription(f arrow.Field) string { return meta(f, fieldDescription) }

func meta(f arrow.Field, key string) string {
	v, _ := f.Metadata.GetValue(key)
	return v
}
