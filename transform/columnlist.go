package transform

import "fmt"

// columns is the list of a table's columns. An entry may be a list itself, a
// group, so that a YAML anchor can name columns that several tables share.
type columns []columnSpec

// columnEntry is one entry of the list: a column, or a group of entries.
type columnEntry struct{ columns columns }

// UnmarshalYAML reads the entries and puts the columns of groups in their place.
func (c *columns) UnmarshalYAML(decode func(any) error) error {
	var entries []columnEntry
	if err := decode(&entries); err != nil {
		return err
	}
	*c = nil
	for i, e := range entries {
		for _, spec := range e.columns {
			spec.at = fmt.Sprintf("[%d]%s", i, spec.at)
			*c = append(*c, spec)
		}
	}
	return nil
}

// UnmarshalYAML reads a column or a group.
func (e *columnEntry) UnmarshalYAML(decode func(any) error) error {
	var group []any
	if decode(&group) == nil {
		return decode(&e.columns)
	}
	e.columns = make(columns, 1)
	return decode(&e.columns[0])
}
