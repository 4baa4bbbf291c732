package parquet

import (
	"encoding/binary"
	"math"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/format"
)

// intValues collects numbers, dates, times and decimals of up to 18 digits. It
// tries a dictionary, as textValues does; otherwise the differences of
// neighbours are packed, but for hashes, whose differences are no smaller.
type intValues struct {
	index    intIndex
	trial    trial
	scratch  *scratch
	read     func(dst []int64, a arrow.Array, from, to int) []int64
	narrow   bool // INT32
	unsigned bool

	array arrow.Array // the current one
	list  []int64     // of the page, without a dictionary
	short []int32     // the same, INT32
}

func newIntValues(l *leaf, s *scratch, read func([]int64, arrow.Array, int, int) []int64) *intValues {
	return &intValues{index: newIntIndex(), scratch: s, read: read, narrow: l.physical == format.Int32, trial: trial{failed: l.isLine()}}
}

func (v *intValues) open(a arrow.Array) { v.array = a }

func (v *intValues) add(from, to int) {
	some := v.scratch.numbers[:0]
	valid(v.array, from, to, func(from, to int) { some = v.read(some, v.array, from, to) })
	v.scratch.numbers = some
	if v.trial.failed {
		v.list = append(v.list, some...)
		return
	}
	v.addIndexed(some)
	if v.trial.fails(len(v.index.list), len(some)) || len(v.index.list) > maxDictionaryInts {
		v.giveUp()
	}
}

func (v *intValues) addIndexed(some []int64) {
	for i := 0; i < len(some); {
		n := some[i]
		j := i + 1
		for j < len(some) && some[j] == n {
			j++
		}
		v.index.rows.repeat(v.index.put(n), j-i)
		i = j
	}
}

// giveUp ends the trial: the page's numbers so far leave the dictionary.
func (v *intValues) giveUp() {
	v.trial.failed = true
	v.index.rows.each(func(entry int32) { v.list = append(v.list, v.index.list[entry]) })
	v.index.rows.reset()
	if !v.trial.used {
		v.index.reset()
	}
}

func (v *intValues) size() int { return 8*len(v.list) + 4*len(v.index.rows.list) }

func (v *intValues) held() int {
	return v.index.held() + 8*cap(v.list) + 4*cap(v.short)
}

func (v *intValues) loose() int { return v.index.rows.held() + 8*cap(v.list) + 4*cap(v.short) }

func (v *intValues) trim() {
	v.index.rows.trim()
	v.list, v.short = nil, nil
}

func (v *intValues) page(dst []byte) ([]byte, format.Encoding, bounds, error) {
	if !v.trial.failed {
		v.trial.used = true
		b := v.indexBounds()
		dst = v.index.rows.encode(dst, len(v.index.list))
		v.index.rows.reset()
		return dst, format.RLEDictionary, b, nil
	}
	b := v.listBounds()
	dst, encoding, err := v.encode(dst)
	v.list = v.list[:0]
	return dst, encoding, b, err
}

func (v *intValues) encode(dst []byte) ([]byte, format.Encoding, error) {
	if v.unsigned {
		for _, n := range v.list {
			dst = v.plain(dst, n)
		}
		return dst, format.Plain, nil
	}
	var page []byte
	var err error
	if v.narrow {
		v.short = v.short[:0]
		for _, n := range v.list {
			v.short = append(v.short, int32(n))
		}
		page, err = (&delta.BinaryPackedEncoding{}).EncodeInt32(dst[len(dst):], v.short)
	} else {
		page, err = (&delta.BinaryPackedEncoding{}).EncodeInt64(dst[len(dst):], v.list)
	}
	return append(dst, page...), format.DeltaBinaryPacked, err
}

// sign moves unsigned numbers so that the order of signed ones is theirs.
func (v *intValues) sign() int64 {
	if v.unsigned {
		return math.MinInt64
	}
	return 0
}

func (v *intValues) indexBounds() bounds {
	least, most, flip := int64(math.MaxInt64), int64(math.MinInt64), v.sign()
	v.index.marks.each(&v.index.rows, len(v.index.list), func(entry int32) {
		n := v.index.list[entry] ^ flip
		least, most = min(least, n), max(most, n)
	})
	return v.bounds(least^flip, most^flip, v.index.rows.n)
}

func (v *intValues) listBounds() bounds {
	least, most, flip := int64(math.MaxInt64), int64(math.MinInt64), v.sign()
	for _, n := range v.list {
		n ^= flip
		least, most = min(least, n), max(most, n)
	}
	return v.bounds(least^flip, most^flip, len(v.list))
}

func (v *intValues) bounds(least, most int64, n int) bounds {
	if n == 0 {
		return bounds{}
	}
	return bounds{v.plain(nil, least), v.plain(nil, most)}
}

func (v *intValues) plain(dst []byte, n int64) []byte {
	if v.narrow {
		return binary.LittleEndian.AppendUint32(dst, uint32(n))
	}
	return binary.LittleEndian.AppendUint64(dst, uint64(n))
}

func (v *intValues) dictionary(dst []byte) ([]byte, int) {
	if !v.trial.used {
		return dst, 0
	}
	for _, n := range v.index.list {
		dst = v.plain(dst, n)
	}
	return dst, len(v.index.list)
}

func (v *intValues) hashes() []uint64 { return nil }

func (v *intValues) reset() {
	v.index.reset()
	v.trial.reset()
	v.list = v.list[:0]
}
