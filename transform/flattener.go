package transform

import (
	"fmt"
	"math"

	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/claimlake/claimlake/internal/lineage"
)

// Flattener turns pages into record batches. It belongs to one worker.
type Flattener struct {
	plan    *Plan
	mem     memory.Allocator
	lanes   map[string]*lane // by resource type
	ordered []*lane          // in the order of the plan
	known   func(resourceType string, hash uint64) bool
	guarded bool
	loaded  func(resourceType string, id []byte) (version int64, ok bool) // see Outrank
	hidden  bool                                                          // rows do not tell meta.versionId; see HideVersions
	hash    func(line []byte) uint64
	scan    scan
	reach   reach
	chunk   chunk
	none    nothing
	page    *lineage.Page
	result  *Result
}

// maxChunkCells is how many values are found before the rows of the lines so far
// are converted: few enough to stay in the processor's cache.
const maxChunkCells = 1 << 13

// Skip makes f leave out, and count as unchanged, the lines of which known says
// that they are loaded already. hash is the column _hash.
func (f *Flattener) Skip(known func(resourceType string, hash uint64) bool) { f.known = known }

// HashBy makes hash give the column _hash of a line. Unless it is called, that is xxh3.
func (f *Flattener) HashBy(hash func(line []byte) uint64) { f.hash = hash }

// GuardComplete makes f give resources that say of themselves that elements are left
// out (tag SUBSETTED) a version below those of complete ones, which they must never
// replace. It is not for exports that ask for some elements only.
func (f *Flattener) GuardComplete() { f.guarded = true }

// Flatten makes the rows of a page. What is wrong with the input is in the
// Result; an error means that the caller gave a page that cannot be. The caller
// releases the Result.
func (f *Flattener) Flatten(pg lineage.Page) (*Result, error) {
	if len(pg.Data) > math.MaxUint32 {
		return nil, fmt.Errorf("flatten page at line %d: %d bytes is more than a page may have; read it in smaller pages", pg.First, len(pg.Data))
	}
	f.page = &pg
	f.result = &Result{Resources: map[string]int64{}, Unmapped: map[string]int64{}}
	f.chunk.page = pg.Data
	f.lines(pg)
	f.convert()
	for _, l := range f.ordered {
		f.result.Batches = append(f.result.Batches, l.batches(f)...)
		l.reportUnranked(f.result)
	}
	r := f.result
	f.result, f.page, f.chunk.page, f.scan.data = nil, nil, nil, nil
	return r, nil
}

// convert turns the frames scanned so far into column values.
func (f *Flattener) convert() {
	if len(f.chunk.lines) == 0 {
		return
	}
	f.chunk.arena = &f.scan.arena
	for _, l := range f.ordered {
		for i, t := range l.tables {
			if l.rows[i] = f.chunk.chosen(t.plan, l.rows[i]); len(l.rows[i]) > 0 {
				t.add(&f.chunk, l.rows[i])
			}
			l.rows[i] = l.rows[i][:0]
		}
	}
	f.scan.empty()
	f.chunk.reset()
}
