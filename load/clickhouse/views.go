package clickhouse

import (
	"context"
	"fmt"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/claimlake/claimlake/internal/table"
)

// View is a view of others' making over the tables.
type View struct {
	Name    string // an internal one begins with "_"
	Comment string
	SQL     string // a SELECT
	Kept    *table.Kept
}

// DDL is the statement that makes the view, without an end.
func (v View) DDL() string {
	return fmt.Sprintf("CREATE OR REPLACE VIEW %s AS (\n%s\n)\nCOMMENT %s", name(v.Name), v.SQL, text(v.Comment))
}

// isStageOf reports whether the view is a part of another one's computation that has no
// rows of its own.
func (v View) isStageOf(other View) bool {
	return v.Kept == nil && strings.HasPrefix(v.Name, "_"+strings.TrimPrefix(other.Name, "_")+"_")
}

// MakeViews makes views, in their order, or brings them up to date. A view that the
// tables do not allow, since a mapping of the user's lacks what it reads, is dropped,
// and so told. A view that is to be kept reads its rows if they are those of the runs that
// readers see, and is computed at every query if not. Migrate comes before.
func (s *Store) MakeViews(ctx context.Context, views []View) (unfit map[string]error, err error) {
	unfit = map[string]error{}
	if len(views) == 0 {
		return unfit, nil
	}
	c, err := s.catalog(ctx)
	if err != nil {
		return unfit, err
	}
	k := &keeping{store: s, catalog: c, views: views}
	for i, v := range views {
		if failure := k.make(ctx, i); failure != nil {
			if ctx.Err() != nil {
				return unfit, ctx.Err()
			}
			unfit[v.Name] = failure
			if err := k.drop(ctx, v); err != nil {
				return unfit, err
			}
		}
	}
	if err := k.show(ctx); err != nil {
		return unfit, err
	}
	s.setKept(k)
	return unfit, c.record(ctx)
}

// before stands for the views that a view may read.
func before(views []View, i int) uint64 {
	hash := uint64(0)
	for _, v := range views[:i] {
		hash = xxh3.HashStringSeed(v.SQL, hash)
	}
	return hash
}
