package parquet

import (
	"cmp"

	"github.com/zeebo/xxh3"
)

// resource tells resources of all sources apart: a hash of source and id, wide
// enough never to be the same for two of them.
type resource = xxh3.Uint128

func resourceOf(source string, id []byte) resource {
	h := xxh3.New()
	_, _ = h.WriteString(source)
	_, _ = h.Write([]byte{0})
	_, _ = h.Write(id)
	return h.Sum128()
}

// rival is one copy of a resource.
type rival struct {
	version int64 // microseconds since 1970
	hash    uint64
	line    int64
	run     uint32
	origin  int32 // of contest.origins
	deleted bool  // a tombstone
	again   bool  // loaded once more, since it counts
}

// compare orders copies of a resource: the one that orders last counts. The
// order is that of ClickHouse's _row_version: version, run, and within a run tombstones,
// then what was loaded once more. Hashes only make the order total: which of copies that
// are equal so far counts, their run has decided. What is equal in all of these is the
// same line sent twice, of which the first stays.
func (r rival) compare(o rival) int {
	return cmp.Or(
		cmp.Compare(r.version, o.version), cmp.Compare(r.run, o.run), compareBool(r.deleted, o.deleted), compareBool(r.again, o.again), cmp.Compare(r.hash, o.hash),
		cmp.Compare(o.origin, r.origin), cmp.Compare(o.line, r.line),
	)
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// contest finds which copies of a run's resources lose.
type contest struct {
	best    map[resource]rival
	origins []origin
	index   map[origin]int32
	losers
	twice bool // a line was read from two parts
}

// losers are the copies of a resource type that do not count: lines, all rows of which
// lost, and single tombstones. A line that deletes several resources has a tombstone for
// each, of which some may lose.
type losers struct {
	lines      lineSet
	tombstones map[tombstone]bool
}

// tombstone is one of a line's.
type tombstone struct {
	of   origin
	line int64
	key  resource
}

func newLosers() losers { return losers{lineSet{}, map[tombstone]bool{}} }

func newContest() *contest {
	return &contest{best: map[resource]rival{}, index: map[origin]int32{}, losers: newLosers()}
}

// originOf numbers the files.
func (c *contest) originOf(o origin) int32 {
	i, ok := c.index[o]
	if !ok {
		i = int32(len(c.origins))
		c.index[o], c.origins = i, append(c.origins, o)
	}
	return i
}

// enter takes a copy of the run in.
func (c *contest) enter(key resource, r rival) {
	old, ok := c.best[key]
	if !ok {
		c.best[key] = r
		return
	}
	switch order := r.compare(old); {
	case order > 0:
		c.lose(key, old)
		c.best[key] = r
	case order < 0:
		c.lose(key, r)
	case !r.deleted: // a line may delete a resource twice
		c.twice = true
	}
}

func (c *contest) lose(key resource, r rival) {
	if of := c.origins[r.origin]; r.deleted {
		c.tombstones[tombstone{of, r.line, key}] = true
	} else {
		c.lines.add(of, r.line)
	}
}

// meet takes a copy of the snapshot in, when the run has the resource too.
func (c *contest) meet(key resource, r rival) {
	if _, ok := c.best[key]; ok {
		c.enter(key, r)
	}
}
