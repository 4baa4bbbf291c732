package parquet

import (
	"bytes"
	"encoding/binary"

	"github.com/parquet-go/parquet-go/bloom/xxhash"
	"github.com/parquet-go/parquet-go/format"
)

// textIndex is a dictionary of texts: an open hash table over texts that stand
// one after the other.
type textIndex struct {
	data  []byte
	ends  []uint32 // by entry
	sums  []uint64 // XXH64 by entry, which a Bloom filter wants too
	slots []int32  // entry + 1, 0 for free
	rows  indexes
	marks marks
}

func newTextIndex() textIndex { return textIndex{slots: make([]int32, 64)} }

func (d *textIndex) at(i int32) []byte {
	start := uint32(0)
	if i > 0 {
		start = d.ends[i-1]
	}
	return d.data[start:d.ends[i]]
}

// put finds the entry of text, or makes it.
func (d *textIndex) put(text []byte) int32 {
	sum := xxhash.Sum64(text)
	mask := uint64(len(d.slots) - 1)
	for s := sum & mask; ; s = (s + 1) & mask {
		e := d.slots[s] - 1
		if e < 0 {
			return d.insert(s, sum, text)
		}
		if d.sums[e] == sum && bytes.Equal(d.at(e), text) {
			return e
		}
	}
}

func (d *textIndex) insert(slot, sum uint64, text []byte) int32 {
	e := int32(len(d.ends))
	d.data = append(d.data, text...)
	d.ends = append(d.ends, uint32(len(d.data)))
	d.sums = append(d.sums, sum)
	d.slots[slot] = e + 1
	if 4*len(d.ends) > 3*len(d.slots) {
		d.rehash()
	}
	return e
}

func (d *textIndex) rehash() {
	d.slots = make([]int32, 2*len(d.slots))
	mask := uint64(len(d.slots) - 1)
	for e, sum := range d.sums {
		s := sum & mask
		for d.slots[s] != 0 {
			s = (s + 1) & mask
		}
		d.slots[s] = int32(e) + 1
	}
}

// page encodes the indexes of the page, whose texts have an order.
func (d *textIndex) page(dst []byte, order ordering) ([]byte, format.Encoding, bounds, error) {
	var b bounds
	d.marks.each(&d.rows, len(d.ends), func(i int32) {
		text := d.at(i)
		b.widen(bounds{text, text}, order)
	})
	dst = d.rows.encode(dst, len(d.ends))
	d.rows.reset()
	return dst, format.RLEDictionary, b, nil
}

// dictionary appends the texts, each after its length.
func (d *textIndex) dictionary(dst []byte) ([]byte, int) {
	for i := range d.ends {
		text := d.at(int32(i))
		dst = binary.LittleEndian.AppendUint32(dst, uint32(len(text)))
		dst = append(dst, text...)
	}
	return dst, len(d.ends)
}

func (d *textIndex) size() int { return 4 * len(d.rows.list) }

func (d *textIndex) held() int {
	return cap(d.data) + 4*cap(d.ends) + 8*cap(d.sums) + 4*cap(d.slots) + d.rows.held() + 4*cap(d.marks.seen)
}

func (d *textIndex) reset() {
	d.data, d.ends, d.sums = d.data[:0], d.ends[:0], d.sums[:0]
	clear(d.slots)
	d.rows.reset()
}
