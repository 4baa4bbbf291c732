package sof

import (
	"strconv"
)

// AppendJSON appends a row as a JSON object, its columns in order. A column without a
// value is null, a collection without one is empty.
func (v *View) AppendJSON(out []byte, row []Cell) []byte {
	out = append(out, '{')
	for i, cell := range row {
		if i > 0 {
			out = append(out, ',')
		}
		out = strconv.AppendQuote(out, v.Columns[i].Name)
		out = append(out, ':')
		out = v.Columns[i].appendCell(out, cell)
	}
	return append(out, '}')
}

func (c Column) appendCell(out []byte, cell Cell) []byte {
	switch {
	case c.Collection:
		out = append(out, '[')
		for i, value := range cell {
			if i > 0 {
				out = append(out, ',')
			}
			out = value.AppendJSON(out)
		}
		return append(out, ']')
	case len(cell) == 0:
		return append(out, "null"...)
	}
	return cell[0].AppendJSON(out)
}

// Texts are a row as fields of CSV: a column without a value is empty, a collection is
// a JSON array.
func (v *View) Texts(row []Cell) []string {
	fields := make([]string, len(row))
	for i, cell := range row {
		switch {
		case v.Columns[i].Collection:
			fields[i] = string(v.Columns[i].appendCell(nil, cell))
		case len(cell) > 0:
			fields[i] = cell[0].Text()
		}
	}
	return fields
}
