package parquet

import (
	"bytes"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/parquet-go/parquet-go/bloom/xxhash"
	"github.com/parquet-go/parquet-go/encoding/delta"
	"github.com/parquet-go/parquet-go/format"
)

// textValues collects texts. It tries a dictionary, which is what ids that
// repeat from row to row want, and gives it up when most texts are new.
type textValues struct {
	index textIndex
	trial trial
	last  int32 // entry of the text before

	array   arrow.Array // the current one
	offsets []int32
	raw     []byte

	bloom bool
	data  []byte   // texts of the page, without a dictionary
	ends  []uint32 // their offsets, from 0 on
	sums  []uint64 // XXH64 of the row group's texts that are in no dictionary
}

func (v *textValues) open(a arrow.Array) {
	s := a.(*array.String)
	v.array, v.offsets, v.raw = a, s.ValueOffsets(), nil
	if buf := s.Data().Buffers()[2]; buf != nil {
		v.raw = buf.Bytes()
	}
}

func (v *textValues) add(from, to int) {
	if v.trial.failed {
		valid(v.array, from, to, v.addPlain)
		return
	}
	before := v.index.rows.n
	valid(v.array, from, to, v.addIndexed)
	if v.trial.fails(len(v.index.ends), v.index.rows.n-before) || len(v.index.ends) > maxDictionaryTexts || len(v.index.data) > maxDictionaryBytes {
		v.giveUp()
	}
}

func (v *textValues) addIndexed(from, to int) {
	for i := from; i < to; {
		text := v.text(i)
		if len(v.index.ends) == 0 || !bytes.Equal(text, v.index.at(v.last)) {
			v.last = v.index.put(text)
		}
		j := i + 1
		for j < to && bytes.Equal(text, v.text(j)) {
			j++
		}
		v.index.rows.repeat(v.last, j-i)
		i = j
	}
}

func (v *textValues) text(i int) []byte { return v.raw[v.offsets[i]:v.offsets[i+1]] }

func (v *textValues) addPlain(from, to int) {
	v.begin()
	shift := uint32(len(v.data)) - uint32(v.offsets[from])
	v.data = append(v.data, v.raw[v.offsets[from]:v.offsets[to]]...)
	for i := from; i < to; i++ {
		v.ends = append(v.ends, uint32(v.offsets[i+1])+shift)
		if v.bloom {
			v.sums = append(v.sums, xxhash.Sum64(v.text(i)))
		}
	}
}

func (v *textValues) begin() {
	if len(v.ends) == 0 {
		v.ends = append(v.ends, 0)
	}
}

// giveUp ends the trial: the page's texts so far leave the dictionary.
func (v *textValues) giveUp() {
	v.trial.failed = true
	v.begin()
	v.index.rows.each(func(entry int32) {
		text := v.index.at(entry)
		v.data = append(v.data, text...)
		v.ends = append(v.ends, uint32(len(v.data)))
	})
	v.index.rows.reset()
	if v.bloom {
		v.sums = append(v.sums, v.index.sums...)
	}
	if !v.trial.used {
		v.index.reset()
	}
}

func (v *textValues) size() int { return v.index.size() + len(v.data) + 4*len(v.ends) }

func (v *textValues) held() int {
	return v.index.held() + cap(v.data) + 4*cap(v.ends) + 8*cap(v.sums)
}

func (v *textValues) loose() int { return v.index.rows.held() + cap(v.data) + 4*cap(v.ends) }

func (v *textValues) trim() {
	v.index.rows.trim()
	v.data, v.ends = nil, nil
}

func (v *textValues) page(dst []byte) ([]byte, format.Encoding, bounds, error) {
	if !v.trial.failed {
		v.trial.used = true
		return v.index.page(dst, orderBytes)
	}
	v.begin()
	page, err := (&delta.LengthByteArrayEncoding{}).EncodeByteArray(dst[len(dst):], v.data, v.ends)
	b := v.bounds()
	v.data, v.ends = v.data[:0], v.ends[:0]
	return append(dst, page...), format.DeltaLengthByteArray, b, err
}

func (v *textValues) bounds() bounds {
	var least, most []byte
	for i, end := range v.ends[1:] {
		text := v.data[v.ends[i]:end]
		switch {
		case i == 0:
			least, most = text, text
		case bytes.Compare(text, least) < 0:
			least = text
		case bytes.Compare(text, most) > 0:
			most = text
		}
	}
	return bounds{least, most}
}

func (v *textValues) dictionary(dst []byte) ([]byte, int) {
	if !v.trial.used {
		return dst, 0
	}
	return v.index.dictionary(dst)
}

func (v *textValues) hashes() []uint64 {
	if !v.bloom {
		return nil
	}
	if v.trial.failed {
		return v.sums
	}
	return v.index.sums
}

func (v *textValues) reset() {
	v.index.reset()
	v.trial.reset()
	v.data, v.ends, v.sums = v.data[:0], v.ends[:0], v.sums[:0]
}
