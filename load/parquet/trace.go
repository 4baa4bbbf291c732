package parquet

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	pq "github.com/parquet-go/parquet-go"

	"github.com/claimlake/claimlake/internal/lineage"
)

// Origin is where a row came from: its lineage columns.
type Origin struct {
	Key             []string // the values of the table's key columns, as text
	Source          string
	RunID           string
	FileID          string
	Line            int64 // from 1
	RetrievedAt     time.Time
	TransactionTime time.Time
	Mapping         string
	Hash            uint64 // xxh3 of the raw line
	Version         time.Time
}

// ErrNoTable says that the lake's current state has no such table.
var ErrNoTable = errors.New("no such table in the lake")

// Trace finds the current rows of a table whose key begins with the given values, as
// text, and tells where they came from. It reads the key columns of the whole table.
func (l *Lake) Trace(table string, key []string) ([]Origin, error) {
	current, err := l.current()
	if err != nil {
		return nil, err
	}
	if err := checkName("table", table); err != nil {
		return nil, err
	}
	parts, err := l.partsIn(current.dir())
	if err != nil {
		return nil, fmt.Errorf("trace %s: %w", table, err)
	}
	parts = slices.DeleteFunc(parts, func(in input) bool { return in.table != table })
	if current.number == 0 || len(parts) == 0 {
		return nil, fmt.Errorf("%w: %s", ErrNoTable, table)
	}
	var out []Origin
	for _, in := range parts {
		err := withPart(l.abs(in.path), func(p *partFile) (err error) {
			out, err = p.trace(out, key)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("trace %s: %w", table, err)
		}
	}
	return out, nil
}

func (p *partFile) trace(out []Origin, key []string) ([]Origin, error) {
	if len(key) == 0 || len(key) > len(p.table.Key) {
		return nil, fmt.Errorf("the key of %s is %s: give at least the first", p.table.Name, strings.Join(p.table.Key, ", "))
	}
	for _, g := range p.parts.RowGroups() {
		found, err := p.find(g, key)
		if err == nil && len(found) > 0 {
			out, err = p.origins(out, g, found)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// find gives the rows of a group whose key begins with key, ascending.
func (p *partFile) find(g pq.RowGroup, key []string) (rows []int, err error) {
	for i, want := range key {
		found := make([]int, 0, len(rows))
		left := rows
		err := p.each(g, p.table.Key[i], func(row int, v pq.Value) {
			for len(left) > 0 && left[0] < row {
				left = left[1:]
			}
			if among := i == 0 || len(left) > 0 && left[0] == row; among && keyText(v) == want {
				found = append(found, row)
			}
		})
		if err != nil || len(found) == 0 {
			return nil, err
		}
		rows = found
	}
	return rows, nil
}

// origins reads the key and lineage of some rows of a group.
func (p *partFile) origins(out []Origin, g pq.RowGroup, rows []int) ([]Origin, error) {
	found := make([]Origin, len(rows))
	var problems []error
	read := func(column string, take func(o *Origin, v pq.Value)) {
		next := 0
		problems = append(problems, p.each(g, column, func(row int, v pq.Value) {
			if next < len(rows) && rows[next] == row {
				take(&found[next], v)
				next++
			}
		}))
	}
	for _, column := range p.table.Key {
		read(column, func(o *Origin, v pq.Value) { o.Key = append(o.Key, keyText(v)) })
	}
	read(lineage.Source, func(o *Origin, v pq.Value) { o.Source = keyText(v) })
	read(lineage.FileID, func(o *Origin, v pq.Value) { o.FileID = keyText(v) })
	read(lineage.Line, func(o *Origin, v pq.Value) { o.Line = v.Int64() })
	read(lineage.RetrievedAt, func(o *Origin, v pq.Value) { o.RetrievedAt = time.UnixMicro(v.Int64()).UTC() })
	read(lineage.TransactionTime, func(o *Origin, v pq.Value) { o.TransactionTime = time.UnixMicro(v.Int64()).UTC() })
	read(lineage.Mapping, func(o *Origin, v pq.Value) { o.Mapping = keyText(v) })
	read(lineage.Hash, func(o *Origin, v pq.Value) { o.Hash = v.Uint64() })
	read(lineage.Version, func(o *Origin, v pq.Value) { o.Version = time.UnixMicro(v.Int64()).UTC() })
	run, err := p.runs(g)
	problems = append(problems, err)
	for i := range found {
		found[i].RunID = run(rows[i])
	}
	return append(out, found...), errors.Join(problems...)
}

// keyText is a value of a key column as a person writes it.
func keyText(v pq.Value) string {
	if v.IsNull() {
		return ""
	}
	return strings.Clone(v.String())
}
