package extract

import "github.com/claimlake/claimlake/internal/lineage"

// chunkBytes is how much is read at once, and so how much of the next page is
// copied at most when a page ends for its number of lines.
const chunkBytes = 256 << 10

// Buffers recycles the memory of pages. It may be used concurrently.
type Buffers struct{ free chan []byte }

// NewBuffers makes Buffers that keep up to n free ones: one for each page that
// may be in flight.
func NewBuffers(n int) *Buffers { return &Buffers{free: make(chan []byte, n)} }

func (b *Buffers) get() []byte {
	select {
	case buf := <-b.free:
		return buf[:0]
	default:
		return make([]byte, 0, lineage.MaxPageBytes+chunkBytes)
	}
}

// Put gives the memory of a page back, whose Data must not be used again. That
// of a very long line is left to the garbage collector.
func (b *Buffers) Put(p lineage.Page) {
	if cap(p.Data) < lineage.MaxPageBytes || cap(p.Data) > 2*lineage.MaxPageBytes {
		return
	}
	select {
	case b.free <- p.Data:
	default:
	}
}
