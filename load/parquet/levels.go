package parquet

import (
	"encoding/binary"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/parquet-go/parquet-go/encoding/rle"
)

// validity is the definition levels of a flat column: a bit a row, 1 for a
// value. Parquet's bit-packed levels are the same bits as Arrow's validity, so
// that they are copied and not made row by row.
type validity struct {
	bits []byte
	rows int
	ones int
}

// add appends the validity of rows [from, to) of a.
func (v *validity) add(a arrow.Array, from, to int) {
	n := to - from
	v.grow(n)
	if nulls := a.NullBitmapBytes(); len(nulls) == 0 || a.NullN() == 0 {
		bitutil.SetBitsTo(v.bits, int64(v.rows), int64(n), true)
		v.ones += n
	} else {
		bitutil.CopyBitmap(nulls, a.Data().Offset()+from, n, v.bits, v.rows)
		v.ones += bitutil.CountSetBits(nulls, a.Data().Offset()+from, n)
	}
	v.rows += n
}

// addLevels appends definition levels, of which ones are 1.
func (v *validity) addLevels(levels []byte, ones int) {
	if ones == 0 || ones == len(levels) {
		v.addSame(len(levels), ones > 0)
		return
	}
	v.grow(len(levels))
	for i, level := range levels {
		v.bits[(v.rows+i)/8] |= level << ((v.rows + i) % 8)
	}
	v.rows += len(levels)
	v.ones += ones
}

// addSame appends n rows, all with a value or all without.
func (v *validity) addSame(n int, value bool) {
	v.grow(n)
	if value {
		bitutil.SetBitsTo(v.bits, int64(v.rows), int64(n), true)
		v.ones += n
	}
	v.rows += n
}

func (v *validity) grow(n int) {
	for need := (v.rows + n + 7) / 8; len(v.bits) < need; {
		v.bits = append(v.bits, make([]byte, need-len(v.bits))...)
	}
}

func (v *validity) reset() {
	clear(v.bits)
	v.bits, v.rows, v.ones = v.bits[:0], 0, 0
}

// minRun is how many bytes of equal levels are worth a run of their own.
const minRun = 8

// encode appends the levels as Parquet's hybrid of runs and packed bits
// (Encodings.md, "RLE/Bit-Packing Hybrid") with one bit a level.
func (v *validity) encode(dst []byte) []byte {
	if v.ones == 0 || v.ones == v.rows {
		level := byte(0)
		if v.ones > 0 {
			level = 1
		}
		return appendRun(dst, v.rows, level)
	}
	for i := 0; i < len(v.bits); {
		packed := i
		for i < len(v.bits) && v.equal(i) < minRun {
			i++
		}
		if i > packed {
			dst = binary.AppendUvarint(dst, uint64(i-packed)<<1|1)
			dst = append(dst, v.bits[packed:i]...)
		}
		if i < len(v.bits) {
			n := v.equal(i)
			dst = appendRun(dst, min(8*n, v.rows-8*i), v.bits[i]&1)
			i += n
		}
	}
	return dst
}

// equal counts the bytes from i on that are all the same: all nulls, or all
// values.
func (v *validity) equal(i int) int {
	b := v.bits[i]
	if b != 0 && b != 0xFF {
		return 0
	}
	j := i + 1
	for j < len(v.bits) && v.bits[j] == b {
		j++
	}
	if b == 0xFF && j == len(v.bits) && v.rows%8 != 0 {
		j-- // the last byte is not full
	}
	return j - i
}

func appendRun(dst []byte, n int, level byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(n)<<1)
	return append(dst, level)
}

// listLevels are the levels of a list column, a byte each.
type listLevels struct{ rep, def []byte }

// add appends the levels of one row's list with the given elements.
func (l *listLevels) add(a arrow.Array, leaf *leaf, from, to int) {
	full := leaf.maxDef
	rep := byte(0)
	for i := from; i < to; i++ {
		def := full
		if a.IsNull(i) {
			def--
		}
		l.rep, l.def = append(l.rep, rep), append(l.def, def)
		rep = 1
	}
}

// none appends the levels of a row without elements.
func (l *listLevels) none(def byte) {
	l.rep, l.def = append(l.rep, 0), append(l.def, def)
}

func (l *listLevels) reset() { l.rep, l.def = l.rep[:0], l.def[:0] }

// encodeLevels writes levels of at most max, a byte each, as the hybrid.
func encodeLevels(dst, levels []byte, max byte) ([]byte, error) {
	width := 1
	if max > 1 {
		width = 2
	}
	return (&rle.Encoding{BitWidth: width}).EncodeLevels(dst[:0], levels)
}
