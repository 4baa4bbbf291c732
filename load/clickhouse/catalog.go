package clickhouse

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/zeebo/xxh3"
)

// catalog is what the database has, read at once: a statement for each table and
// view would take longer than a small load.
type catalog struct {
	store   *Store
	columns map[string]map[string]existing // by table or view, by name
	order   map[string][]string            // their names
	merges  bool                           // a table that is made may set its mergeBase

	mu     sync.Mutex
	tables map[string]tableKind // views too
	made   map[string]uint64    // hash of the statement, by name
	news   map[string]uint64    // the same, not yet recorded
}

// existing is a column that a table has.
type existing struct{ typ, comment string }

// tableKind is how ClickHouse keeps a table.
type tableKind struct{ engine, key string }

const definitions = "_definition"

func (s *Store) catalog(ctx context.Context) (*catalog, error) {
	c := &catalog{store: s, columns: map[string]map[string]existing{}, order: map[string][]string{}, tables: map[string]tableKind{}, made: map[string]uint64{}, news: map[string]uint64{}}
	var table, a, b, d string
	err := s.each(ctx, "SELECT name, engine, sorting_key FROM system.tables WHERE database = currentDatabase()", func() {
		c.tables[table] = tableKind{engine: a, key: b}
	}, &table, &a, &b)
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", terse(err))
	}
	err = s.each(ctx, "SELECT table, name, type, comment FROM system.columns WHERE database = currentDatabase() ORDER BY table, position", func() {
		if c.columns[table] == nil {
			c.columns[table] = map[string]existing{}
		}
		c.columns[table][a] = existing{typ: b, comment: d}
		c.order[table] = append(c.order[table], a)
	}, &table, &a, &b, &d)
	if err != nil {
		return nil, fmt.Errorf("list the columns: %w", terse(err))
	}
	if _, ok := c.tables[definitions]; !ok {
		return c, s.apply(ctx, "definition.sql", nil)
	}
	var hash uint64
	err = s.each(ctx, "SELECT name, hash FROM "+definitions+" FINAL", func() { c.made[table] = hash }, &table, &hash)
	return c, terse(err)
}

// each calls do for each row, whose values are then in into.
func (s *Store) each(ctx context.Context, sql string, do func(), into ...any) error {
	var rows driver.Rows
	err := again(ctx, func() (err error) {
		rows, err = s.conn.Query(ctx, sql)
		return err
	})
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // read only
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		do()
	}
	return rows.Err()
}

// define runs the statement that makes a table or view, unless it was made by the
// same. after stands for what it depends on besides its own words.
func (c *catalog) define(ctx context.Context, object, sql string, after uint64) error {
	hash := xxh3.HashStringSeed(sql, after)
	if c.isMade(object, hash) {
		return nil
	}
	if err := c.store.conn.Exec(ctx, sql); err != nil {
		return fmt.Errorf("make %s: %w", object, terse(err))
	}
	c.note(object, hash)
	return nil
}

// note remembers that a table or view was made.
func (c *catalog) note(object string, hash uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made[object], c.news[object] = hash, hash
	if _, ok := c.tables[object]; !ok {
		c.tables[object] = tableKind{}
	}
}

// isMade reports whether a table or view is there, and was made by the statement with
// the hash.
func (c *catalog) isMade(object string, hash uint64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, there := c.tables[object]
	return there && c.made[object] == hash
}

// record remembers how things were made. If it does not come to that, they are made
// again.
func (c *catalog) record(ctx context.Context) error {
	if len(c.news) == 0 {
		return nil
	}
	if err := again(ctx, func() error { return c.write(ctx) }); err != nil {
		return terse(err)
	}
	clear(c.news)
	return nil
}

func (c *catalog) write(ctx context.Context) error {
	batch, err := c.store.conn.PrepareBatch(ctx, "INSERT INTO "+definitions+" (name, hash)")
	if err != nil {
		return err
	}
	defer batch.Close() //nolint:errcheck // sent or failed by then
	for _, object := range slices.Sorted(maps.Keys(c.news)) {
		if err := batch.Append(object, c.news[object]); err != nil {
			return err
		}
	}
	return batch.Send()
}
