package clickhouse

import (
	"context"
	"fmt"

	"github.com/zeebo/xxh3"
)

// View is a view of others' making over the tables.
type View struct {
	Name    string
	Comment string
	SQL     string // a SELECT
}

// DDL is the statement that makes the view, without an end.
func (v View) DDL() string {
	return fmt.Sprintf("CREATE OR REPLACE VIEW %s AS (\n%s\n)\nCOMMENT %s", name(v.Name), v.SQL, text(v.Comment))
}

// MakeViews makes views, in their order, or brings them up to date. A view that the
// tables do not allow, since a mapping of the user's lacks what it reads, is dropped,
// and so told.
func (s *Store) MakeViews(ctx context.Context, views []View) (unfit map[string]error, err error) {
	unfit = map[string]error{}
	if len(views) == 0 {
		return unfit, nil
	}
	c, err := s.catalog(ctx)
	if err != nil {
		return unfit, err
	}
	before := uint64(0) // views read those before them
	for _, v := range views {
		if failure := c.define(ctx, v.Name, v.DDL(), before); failure != nil {
			if ctx.Err() != nil {
				return unfit, ctx.Err()
			}
			unfit[v.Name] = failure
			if err := s.conn.Exec(ctx, "DROP VIEW IF EXISTS "+name(v.Name)); err != nil {
				return unfit, fmt.Errorf("drop view %s: %w", v.Name, terse(err))
			}
		}
		before = xxh3.HashStringSeed(v.SQL, before)
	}
	return unfit, c.record(ctx)
}
