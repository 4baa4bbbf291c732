package parquet

import (
	"math/bits"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/parquet-go/parquet-go/format"
)

// values collects the values of a column, nulls left out.
type values interface {
	// open looks at an array whose rows come next.
	open(a arrow.Array)
	// add appends the values of rows [from, to) of the array opened last.
	add(from, to int)
	// loose is the memory of the current page, used or not, in bytes.
	loose() int
	// trim frees it, once the page has ended.
	trim()
	collected
}

// collected are the values of a column, which are encoded page by page. A dictionary
// spans the pages of a row group.
type collected interface {
	// size is the size of the current page, in bytes, before it is encoded.
	size() int
	// held is the memory held, used or not, in bytes.
	held() int
	// page appends the page's values, encoded, to dst and begins the next page.
	page(dst []byte) ([]byte, format.Encoding, bounds, error)
	// dictionary appends the dictionary in PLAIN encoding and counts its
	// values; none were indexed when count is 0.
	dictionary(dst []byte) (plain []byte, count int)
	// hashes are those of the row group's distinct values that a Bloom filter
	// wants; nil for columns without one.
	hashes() []uint64
	// reset begins the next row group.
	reset()
}

// newValues makes the collector for a type.
func newValues(l *leaf, t arrow.DataType, s *scratch) values {
	switch t.(type) {
	case *arrow.DictionaryType:
		return &codeValues{index: newTextIndex()}
	case *arrow.StringType:
		return &textValues{index: newTextIndex(), bloom: l.bloom}
	case *arrow.BooleanType:
		return &boolValues{}
	case *arrow.Int32Type, *arrow.Date32Type:
		return newIntValues(l, s, readInt32)
	case *arrow.Decimal128Type:
		if l.physical == format.FixedLenByteArray {
			return &wideDecimals{width: l.width, index: newTextIndex()}
		}
		return newIntValues(l, s, readDecimal)
	case *arrow.Uint64Type:
		v := newIntValues(l, s, readInt64)
		v.unsigned = true
		return v
	default:
		return newIntValues(l, s, readInt64)
	}
}

// valid calls do for each run of rows in [from, to) that are not null.
func valid(a arrow.Array, from, to int, do func(from, to int)) {
	if a.NullN() == 0 {
		do(from, to)
		return
	}
	if a.NullN() == a.Len() {
		return
	}
	bits, shift := a.NullBitmapBytes(), a.Data().Offset()
	for i := from; i < to; {
		start := i + leading(bits, shift+i, to-i, 0)
		i = start + leading(bits, shift+start, to-start, 0xFF)
		if i > start {
			do(start, i)
		}
	}
}

// leading counts the bits from bit at on that are those of pattern, 0 or 0xFF;
// at most n.
func leading(bitmap []byte, at, n int, pattern byte) int {
	count := 0
	for count < n {
		b := (bitmap[(at+count)/8] ^ pattern) >> ((at + count) % 8)
		left := 8 - (at+count)%8
		if b != 0 {
			return min(n, count+bits.TrailingZeros8(b))
		}
		count += left
	}
	return n
}
