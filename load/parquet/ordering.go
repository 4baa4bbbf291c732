package parquet

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"unicode/utf8"
)

// ordering compares two values in Parquet's PLAIN encoding by the order that
// the column's type defines.
type ordering func(a, b []byte) int

func orderBytes(a, b []byte) int { return bytes.Compare(a, b) }

func orderInt32(a, b []byte) int {
	return cmp.Compare(int32(binary.LittleEndian.Uint32(a)), int32(binary.LittleEndian.Uint32(b)))
}

func orderInt64(a, b []byte) int {
	return cmp.Compare(int64(binary.LittleEndian.Uint64(a)), int64(binary.LittleEndian.Uint64(b)))
}

func orderUint64(a, b []byte) int {
	return cmp.Compare(binary.LittleEndian.Uint64(a), binary.LittleEndian.Uint64(b))
}

// orderDecimal compares big-endian two's complements of the same length.
func orderDecimal(a, b []byte) int {
	if c := cmp.Compare(int8(a[0]), int8(b[0])); c != 0 {
		return c
	}
	return bytes.Compare(a[1:], b[1:])
}

// bounds are the least and the greatest value, in PLAIN encoding; both nil when
// there is none.
type bounds struct{ min, max []byte }

// widen makes b hold o too.
func (b *bounds) widen(o bounds, order ordering) {
	if o.min == nil {
		return
	}
	if b.min == nil || order(o.min, b.min) < 0 {
		b.min = o.min
	}
	if b.max == nil || order(o.max, b.max) > 0 {
		b.max = o.max
	}
}

// maxBoundBytes is the length to which bounds of texts are cut: a JSON column
// would fill the footer.
const maxBoundBytes = 64

// cut shortens the bounds of texts. The shorter ones still hold all values.
func (b bounds) cut() bounds {
	if len(b.min) > maxBoundBytes {
		b.min = prefix(b.min)
	}
	if len(b.max) > maxBoundBytes {
		if b.max = successor(prefix(b.max)); b.max == nil {
			return bounds{}
		}
	}
	return b
}

// prefix is the longest beginning of whole characters within maxBoundBytes.
func prefix(text []byte) []byte {
	n := maxBoundBytes
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// successor is a text greater than all that begin with text, as valid UTF-8;
// nil when there is none.
func successor(text []byte) []byte {
	for len(text) > 0 {
		r, size := utf8.DecodeLastRune(text)
		text = text[:len(text)-size]
		if r++; r == 0xD800 {
			r = 0xE000 // after the surrogates, which UTF-8 does not have
		}
		if utf8.ValidRune(r) {
			return utf8.AppendRune(append([]byte(nil), text...), r)
		}
	}
	return nil
}
