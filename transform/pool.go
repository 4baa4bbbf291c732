package transform

import (
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// pool is Arrow's memory for a flattener whose batches live for one page: what is
// freed is given again, by size class, and so is never garbage. It belongs to one
// worker, which also releases the batches.
type pool struct {
	classes [64][][]byte // free buffers whose capacity is 1<<index bytes
}

// minPooled is the size of the smallest class, in bytes: Arrow's alignment.
const minPooled = 64

// NewPool makes an allocator for a Flattener whose Results are released by the
// goroutine that calls it.
func NewPool() memory.Allocator { return &pool{} }

// Allocate gives size bytes, all zero.
func (p *pool) Allocate(size int) []byte {
	class := classOf(size)
	if free := p.classes[class]; len(free) > 0 {
		b := free[len(free)-1][:size]
		p.classes[class] = free[:len(free)-1]
		clear(b)
		return b
	}
	return make([]byte, size, 1<<class)
}

// Reallocate gives size bytes that begin with those of b.
func (p *pool) Reallocate(size int, b []byte) []byte {
	if size <= cap(b) {
		return b[:size]
	}
	bigger := p.Allocate(size)
	copy(bigger, b)
	p.Free(b)
	return bigger
}

// Free takes b back.
func (p *pool) Free(b []byte) {
	if class := classOf(cap(b)); cap(b) == 1<<class {
		p.classes[class] = append(p.classes[class], b)
	}
}

// classOf is the smallest class for size bytes.
func classOf(size int) int { return bits.Len(uint(max(size, minPooled) - 1)) }
