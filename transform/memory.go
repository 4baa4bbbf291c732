package transform

import (
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
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

// bufferOf copies b into a buffer from mem.
func bufferOf(mem memory.Allocator, b []byte) *memory.Buffer {
	buf := memory.NewResizableBuffer(mem)
	buf.Resize(len(b))
	copy(buf.Bytes(), b)
	return buf
}

// arrayOf makes an array of its buffers, which become the array's.
func arrayOf(t arrow.DataType, rows, nulls int, buffers ...*memory.Buffer) arrow.Array {
	data := array.NewData(t, rows, buffers, nil, nulls, 0)
	defer data.Release()
	for _, b := range buffers {
		if b != nil {
			b.Release()
		}
	}
	return array.MakeFromData(data)
}

// coded makes a dictionary array and releases its two parts.
func coded(codes, words arrow.Array) arrow.Array {
	defer codes.Release()
	defer words.Release()
	return array.NewDictionaryArray(dictionary, codes, words)
}

// listsOf makes a list array of its parts, which become the array's.
func listsOf(t arrow.DataType, rows, nulls int, bits, offsets *memory.Buffer, elements arrow.Array) arrow.Array {
	data := array.NewData(t, rows, []*memory.Buffer{bits, offsets}, []arrow.ArrayData{elements.Data()}, nulls, 0)
	defer data.Release()
	for _, b := range []*memory.Buffer{bits, offsets} {
		if b != nil {
			b.Release()
		}
	}
	elements.Release()
	return array.MakeFromData(data)
}

// nothing makes arrays without values. All share one buffer of zeros, whatever
// their type.
type nothing struct{ zeros *memory.Buffer }

// maxWidth is the size of the largest value, a decimal, in bytes.
const maxWidth = 16

// of gives an array of nulls.
func (n *nothing) of(t arrow.DataType, rows int) arrow.Array {
	zeros := n.zerosFor(rows)
	switch t := t.(type) {
	case *arrow.StringType:
		return arrayOf(t, rows, rows, zeros, zeros, nil)
	case *arrow.DictionaryType:
		return coded(arrayOf(t.IndexType, rows, rows, zeros, zeros), n.of(t.ValueType, 0))
	case *arrow.ListType:
		return listsOf(t, rows, rows, zeros, zeros, n.of(t.Elem(), 0))
	}
	return arrayOf(t, rows, rows, zeros, zeros)
}

// zerosFor gives the zeros for so many rows. The buffer belongs to the garbage
// collector, so that nobody need release it.
func (n *nothing) zerosFor(rows int) *memory.Buffer {
	if need := maxWidth * (rows + 1); n.zeros == nil || n.zeros.Len() < need {
		n.zeros = memory.NewBufferBytes(make([]byte, 2*need))
	}
	return n.zeros
}
