package parquet

import (
	"encoding/binary"
	"math/bits"
)

// indexes are the dictionary indexes of a page. While all are equal, as those of
// lineage columns are, only their number is kept.
type indexes struct {
	list []int32 // once they differ
	same int32
	n    int
}

// repeat appends n times the same index.
func (x *indexes) repeat(index int32, n int) {
	if n == 0 {
		return
	}
	if x.n == 0 {
		x.same = index
	}
	if len(x.list) == 0 && index == x.same {
		x.n += n
		return
	}
	for list := x.grow(n); len(list) > 0; list = list[1:] {
		list[0] = index
	}
}

// grow makes room for n indexes, which the caller sets.
func (x *indexes) grow(n int) []int32 {
	if len(x.list) == 0 && x.n > 0 {
		for range x.n {
			x.list = append(x.list, x.same)
		}
	}
	at := len(x.list)
	for cap(x.list) < at+n {
		x.list = append(x.list[:cap(x.list)], 0)
	}
	x.list = x.list[:at+n]
	x.n += n
	return x.list[at:]
}

// encode appends the indexes into a dictionary of so many entries as a page of
// its column (Encodings.md, "Dictionary Encoding").
func (x *indexes) encode(dst []byte, entries int) []byte {
	width := bits.Len32(uint32(entries - 1))
	dst = append(dst, byte(width))
	if len(x.list) > 0 {
		return appendHybrid(dst, x.list, width)
	}
	dst = binary.AppendUvarint(dst, uint64(x.n)<<1)
	for n := 0; n < width; n += 8 {
		dst = append(dst, byte(x.same>>n))
	}
	return dst
}

// each calls do for each index, in order.
func (x *indexes) each(do func(int32)) {
	for _, i := range x.list {
		do(i)
	}
	if len(x.list) == 0 {
		for range x.n {
			do(x.same)
		}
	}
}

func (x *indexes) held() int { return 4 * cap(x.list) }

// trim frees the memory of a page that has ended.
func (x *indexes) trim() { x.list = nil }

func (x *indexes) reset() { x.list, x.n = x.list[:0], 0 }

// marks finds which entries of a dictionary a page uses.
type marks struct {
	seen  []uint32 // by entry: the page that used it last
	stamp uint32
}

// each calls do for each entry that the page uses, once.
func (m *marks) each(x *indexes, entries int, do func(int32)) {
	if x.n == 0 {
		return
	}
	if len(x.list) == 0 {
		do(x.same)
		return
	}
	for len(m.seen) < entries {
		m.seen = append(m.seen, 0)
	}
	m.stamp++
	seen, stamp := m.seen[:entries], m.stamp
	for _, i := range x.list {
		if seen[i] != stamp {
			seen[i] = stamp
			do(i)
		}
	}
}
