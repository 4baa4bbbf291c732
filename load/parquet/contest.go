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
	run     uint32
	hash    uint64
	origin  origin
	line    int64
}

// before orders copies of a resource: the one that orders last counts. The
// order is that of ClickHouse's _row_version (version, run, hash); what is equal
// in all of these is the same line twice, of which the first stays.
func (r rival) before(o rival) bool {
	return cmp.Or(
		cmp.Compare(r.version, o.version), cmp.Compare(r.run, o.run), cmp.Compare(r.hash, o.hash),
		cmp.Compare(o.origin.file, r.origin.file), cmp.Compare(o.line, r.line),
	) < 0
}

// contest finds which copies of a run's resources lose.
type contest struct {
	best   map[resource]rival
	losers lineSet
}

// enter takes a copy of the run in.
func (c *contest) enter(key resource, r rival) {
	old, ok := c.best[key]
	switch {
	case !ok:
		c.best[key] = r
	case old.before(r):
		c.losers.add(old.origin, old.line)
		c.best[key] = r
	default:
		c.losers.add(r.origin, r.line)
	}
}

// meet takes a copy of the snapshot in, when the run has the resource too.
func (c *contest) meet(key resource, r rival) {
	if _, ok := c.best[key]; ok {
		c.enter(key, r)
	}
}
