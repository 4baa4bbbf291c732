package clickhouse

import (
	"errors"
	"fmt"
	"strings"
)

// compare finds what cannot be changed in a table that is there. The error is
// ErrSchema with every difference.
func (c *catalog) compare(l layout) error {
	has, kind := c.columns[l.Versions()], c.tables[l.Versions()]
	if len(has) == 0 {
		return nil
	}
	var differ []error
	note := func(format string, args ...any) {
		differ = append(differ, fmt.Errorf("%w: %s: %s", ErrSchema, l.Name, fmt.Sprintf(format, args...)))
	}
	for _, column := range l.Columns {
		if old, ok := has[column.Name]; ok && old.typ != column.Type {
			note("column %s is %s, the mapping wants %s", column.Name, old.typ, column.Type)
		}
	}
	for _, column := range []string{runNumber, rowVersion} {
		if _, ok := has[column]; !ok {
			note("column %s is missing: not a table of claimlake", column)
		}
	}
	if want := strings.Join(l.SortKey(), ", "); kind.key != want {
		note("key is (%s), the mapping wants (%s)", kind.key, want)
	}
	if !strings.HasSuffix(kind.engine, "ReplacingMergeTree") {
		note("engine is %s, not ReplacingMergeTree", kind.engine)
	}
	if differ != nil {
		differ = append(differ, errors.New("name another database (warehouse.database), and claimlake warehouse fill loads the lake into it"))
	}
	return errors.Join(differ...)
}
