package parquet

import "encoding/binary"

// hybrid writes Parquet's mix of bit-packed values and runs (Encodings.md, "RLE"). The
// rows of a line share its id, version and hash, so that their indexes come in runs
// of any length; parquet-go's encoder sees a run only where it fills a group of
// eight. Most child tables' indexes take a third of the bytes this way.
type hybrid struct {
	dst     []byte
	list    []int32
	width   int  // bits
	from    int  // of the values that are not written yet
	grouped bool // runs begin and end where a group does, as parquet-go's
	runs    int  // written
}

// appendHybrid appends the values, which have width bits, 1 to 32. A run of any length
// moves the groups after it, which now and then keeps longer runs from filling
// theirs; so the runs of whole groups are tried too, and the shorter of both is kept.
func appendHybrid(dst []byte, list []int32, width int) []byte {
	h := hybrid{dst: dst, list: list, width: width}
	h.write()
	if h.runs == 0 {
		return h.dst
	}
	g := hybrid{dst: h.dst, list: list, width: width, grouped: true}
	g.write()
	if first, second := h.dst[len(dst):], g.dst[len(h.dst):]; len(second) < len(first) {
		return append(dst, second...)
	}
	return g.dst[:len(h.dst)]
}

func (h *hybrid) write() {
	for at := 0; at < len(h.list); {
		end := at + 1
		for end < len(h.list) && h.list[end] == h.list[at] {
			end++
		}
		h.run(at, end)
		at = end
	}
	h.pack(len(h.list))
}

// run takes the values from at to end, which are the same. They are written as a run
// where that takes no more bytes, which may need some of them to fill a group before.
func (h *hybrid) run(at, end int) {
	if h.grouped {
		at, end = (at+7)&^7, end&^7
	} else if at > h.from {
		at += (h.from - at) & 7
	}
	gain := (end-at)*h.width - 8*(1+h.bytes())
	if at > h.from {
		gain -= 8 // for the head of the next group
	}
	if end <= at || gain < 0 {
		return
	}
	h.pack(at)
	h.runs++
	h.dst = binary.AppendUvarint(h.dst, uint64(end-at)<<1)
	for v, n := uint32(h.list[at]), h.bytes(); n > 0; n-- {
		h.dst = append(h.dst, byte(v))
		v >>= 8
	}
	h.from = end
}

// bytes is how many a value has in a run.
func (h *hybrid) bytes() int { return (h.width + 7) / 8 }

// pack writes the values up to end bit by bit, in groups of eight; the last is filled
// with zeros.
func (h *hybrid) pack(end int) {
	if h.from == end {
		return
	}
	groups := (end - h.from + 7) / 8
	h.dst = binary.AppendUvarint(h.dst, uint64(groups)<<1|1)
	last := len(h.dst) + groups*h.width
	bits, n := uint64(0), 0
	for _, v := range h.list[h.from:end] {
		bits |= uint64(uint32(v)) << n
		for n += h.width; n >= 8; n -= 8 {
			h.dst = append(h.dst, byte(bits))
			bits >>= 8
		}
	}
	for len(h.dst) < last {
		h.dst = append(h.dst, byte(bits))
		bits >>= 8
	}
	h.from = end
}
