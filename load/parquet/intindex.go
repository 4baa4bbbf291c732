package parquet

import "math/bits"

// intIndex is a dictionary of numbers: an open hash table over their list.
type intIndex struct {
	list  []int64
	slots []int32 // entry + 1, 0 for free
	rows  indexes
	marks marks
}

func newIntIndex() intIndex { return intIndex{slots: make([]int32, 64)} }

// slot is where the search for n begins: the top bits of a product, which
// depend on all bits of n.
func (d *intIndex) slot(n int64) uint64 {
	return (uint64(n) * 0x9E3779B97F4A7C15) >> (64 - bits.Len(uint(len(d.slots)-1)))
}

// put finds the entry of n, or makes it.
func (d *intIndex) put(n int64) int32 {
	mask := uint64(len(d.slots) - 1)
	for s := d.slot(n); ; s = (s + 1) & mask {
		e := d.slots[s] - 1
		if e < 0 {
			return d.insert(s, n)
		}
		if d.list[e] == n {
			return e
		}
	}
}

func (d *intIndex) insert(slot uint64, n int64) int32 {
	d.list = append(d.list, n)
	d.slots[slot] = int32(len(d.list))
	if 4*len(d.list) > 3*len(d.slots) {
		d.rehash()
	}
	return int32(len(d.list)) - 1
}

func (d *intIndex) rehash() {
	d.slots = make([]int32, 2*len(d.slots))
	mask := uint64(len(d.slots) - 1)
	for e, n := range d.list {
		s := d.slot(n)
		for d.slots[s] != 0 {
			s = (s + 1) & mask
		}
		d.slots[s] = int32(e) + 1
	}
}

func (d *intIndex) held() int {
	return 8*cap(d.list) + 4*cap(d.slots) + d.rows.held() + 4*cap(d.marks.seen)
}

func (d *intIndex) reset() {
	d.list = d.list[:0]
	clear(d.slots)
	d.rows.reset()
}
