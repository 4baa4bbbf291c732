package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/zeebo/xxh3"
	"golang.org/x/sync/errgroup"
)

// ErrSchema says that a table is not as its mapping wants it, and cannot be
// made so without loading it again.
var ErrSchema = errors.New("table differs from its mapping (claimlake schema migrate --rebuild makes a new lake from the archive)")

// Migrate makes the tables and views that are missing, and adds the columns
// that a mapping has got since. A column whose type changed, or another key,
// is an ErrSchema that names each difference; nothing is changed then. A
// column that a mapping has no more stays in the table and leaves the view.
func (s *Store) Migrate(ctx context.Context, schemas []*arrow.Schema) error {
	c, err := s.catalog(ctx)
	if err != nil {
		return err
	}
	layouts := make([]layout, len(schemas))
	var differ []error
	for i, schema := range schemas {
		l, err := layoutOf(schema)
		if err != nil {
			return err
		}
		layouts[i] = l
		differ = append(differ, c.compare(l))
	}
	if err := errors.Join(differ...); err != nil {
		return err
	}
	for _, object := range own {
		if err := c.defineFile(ctx, object.name, object.file, nil); err != nil {
			return err
		}
	}
	if err := c.migrateAll(ctx, layouts); err != nil {
		return err
	}
	s.mu.Lock()
	s.layouts = map[string]layout{}
	for _, l := range layouts {
		s.layouts[l.Name] = l
	}
	s.mu.Unlock()
	return c.record(ctx)
}

// madeAtOnce is how many tables are in the making.
const madeAtOnce = 4

// migrateAll makes tables side by side: most of the time is the disk's.
func (c *catalog) migrateAll(ctx context.Context, layouts []layout) error {
	if slices.ContainsFunc(layouts, func(l layout) bool { return len(c.columns[l.Versions()]) == 0 }) {
		c.merges = c.store.setsMerges(ctx)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(madeAtOnce)
	for _, l := range layouts {
		g.Go(func() error {
			if err := c.migrate(ctx, l); err != nil {
				return fmt.Errorf("table %s: %w", l.Name, err)
			}
			return nil
		})
	}
	return g.Wait()
}

// setsMerges reports whether the server lets a table say when parts are merged. Older
// ones do not, and some users may not ask.
func (s *Store) setsMerges(ctx context.Context) bool {
	var settings uint64
	err := s.conn.QueryRow(ctx, "SELECT count() FROM system.merge_tree_settings WHERE name = 'merge_selector_base'").Scan(&settings)
	return err == nil && settings > 0
}

// own are the tables and views of claimlake's own, by the statements of sql/.
var own = []struct{ name, file string }{
	{"_promoted", "promoted.sql"}, {"_run_v", "run.sql"}, {"_run", "run_view.sql"}, {"_file_v", "file.sql"}, {"_file", "file_view.sql"},
	{"_check_v", "check.sql"}, {"_check", "check_view.sql"}, {"_kept", "kept.sql"},
}

// migrate makes one table and its view, or brings them up to date.
func (c *catalog) migrate(ctx context.Context, l layout) error {
	has := c.columns[l.Versions()]
	if len(has) == 0 {
		if !c.merges {
			l.MergeBase = 0
		}
		if err := c.store.apply(ctx, "table.sql", l); err != nil {
			return err
		}
		if err := c.noteRank(l); err != nil {
			return err
		}
	} else if err := c.defineFile(ctx, l.Versions(), "rank.sql", l); err != nil {
		return err
	} else if alter := l.alter(has); alter != "" {
		if err := c.store.conn.Exec(ctx, alter); err != nil {
			return err
		}
	}
	return c.defineFile(ctx, l.Name, "view.sql", l)
}

// noteRank notes that a table that was made ranks its rows as rank.sql says.
func (c *catalog) noteRank(l layout) error {
	sql, err := render("rank.sql", l)
	c.note(l.Versions(), xxh3.HashString(sql))
	return err
}

// defineFile is define for a statement of sql/.
func (c *catalog) defineFile(ctx context.Context, object, file string, data any) error {
	sql, err := render(file, data)
	if err != nil {
		return err
	}
	return c.define(ctx, object, sql, 0)
}

// alter is the statement that adds the missing columns and brings comments up
// to date; "" when there is nothing to do.
func (l layout) alter(has map[string]existing) string {
	var parts []string
	after := "FIRST"
	for _, c := range l.Columns {
		switch old, ok := has[c.Name]; {
		case !ok && c.Codec != "":
			parts = append(parts, fmt.Sprintf("ADD COLUMN IF NOT EXISTS %s %s COMMENT %s CODEC(%s) %s", name(c.Name), c.Type, text(c.Comment), c.Codec, after))
		case !ok:
			parts = append(parts, fmt.Sprintf("ADD COLUMN IF NOT EXISTS %s %s COMMENT %s %s", name(c.Name), c.Type, text(c.Comment), after))
		case old.comment != c.Comment:
			parts = append(parts, fmt.Sprintf("COMMENT COLUMN %s %s", name(c.Name), text(c.Comment)))
		}
		after = "AFTER " + name(c.Name)
	}
	if parts == nil {
		return ""
	}
	return "ALTER TABLE " + name(l.Versions()) + " " + strings.Join(parts, ", ")
}

// apply runs a statement of sql/.
func (s *Store) apply(ctx context.Context, file string, data any) error {
	sql, err := render(file, data)
	if err != nil {
		return err
	}
	if err := s.conn.Exec(ctx, sql); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
