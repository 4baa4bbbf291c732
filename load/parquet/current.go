package parquet

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/claimlake/claimlake/internal/durable"
)

// Current is a table as readers of the lake see it.
type Current struct {
	Table string
	Rows  int64
	Files int
	Bytes int64
}

// Current lists the tables that have rows, by name. It reads the parts' footers.
func (l *Lake) Current() ([]Current, error) {
	folders, err := os.ReadDir(l.abs(currentName))
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the lake's tables: %w", err)
	}
	var tables []Current
	for _, f := range folders {
		if !f.IsDir() || strings.HasPrefix(f.Name(), "_") {
			continue
		}
		c, err := l.currentTable(f.Name())
		if err != nil {
			return nil, fmt.Errorf("list the lake's tables: %w", err)
		}
		tables = append(tables, c)
	}
	return slices.DeleteFunc(tables, func(c Current) bool { return c.Rows == 0 }), nil
}

func (l *Lake) currentTable(name string) (Current, error) {
	c := Current{Table: name}
	files, err := durable.Glob(filepath.Join(l.abs(currentName), name), "*.parquet")
	for _, path := range files {
		if err != nil {
			break
		}
		if strings.HasPrefix(filepath.Base(path), emptyMark) {
			continue
		}
		err = withPart(path, func(p *partFile) error {
			c.Rows += p.parts.NumRows()
			c.Bytes += p.parts.Size()
			c.Files++
			return nil
		})
	}
	return c, err
}
