package parquet

import (
	"bytes"
	"encoding/binary"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/decimal128"
	"github.com/parquet-go/parquet-go/format"
)

// wideDecimals collects decimals of more than 18 digits: big-endian two's
// complements of width bytes. It tries a dictionary, as textValues does.
type wideDecimals struct {
	width int
	index textIndex
	trial trial
	array *array.Decimal128
	data  []byte // of the page, without a dictionary
}

func (v *wideDecimals) open(a arrow.Array) { v.array = a.(*array.Decimal128) }

func (v *wideDecimals) add(from, to int) {
	if v.trial.failed {
		valid(v.array, from, to, v.addPlain)
		return
	}
	before := v.index.rows.n
	valid(v.array, from, to, v.addIndexed)
	if v.trial.fails(len(v.index.ends), v.index.rows.n-before) || len(v.index.ends) > maxDictionaryWide {
		v.giveUp()
	}
}

func (v *wideDecimals) addIndexed(from, to int) {
	list := v.array.Values()
	for i := from; i < to; {
		j := i + 1
		for j < to && list[j] == list[i] {
			j++
		}
		word := wordOf(list[i])
		v.index.rows.repeat(v.index.put(word[16-v.width:]), j-i)
		i = j
	}
}

func (v *wideDecimals) addPlain(from, to int) {
	for _, n := range v.array.Values()[from:to] {
		word := wordOf(n)
		v.data = append(v.data, word[16-v.width:]...)
	}
}

func wordOf(n decimal128.Num) (word [16]byte) {
	binary.BigEndian.PutUint64(word[:8], uint64(n.HighBits()))
	binary.BigEndian.PutUint64(word[8:], n.LowBits())
	return word
}

// giveUp ends the trial: the page's decimals so far leave the dictionary.
func (v *wideDecimals) giveUp() {
	v.trial.failed = true
	v.index.rows.each(func(entry int32) { v.data = append(v.data, v.index.at(entry)...) })
	v.index.rows.reset()
	if !v.trial.used {
		v.index.reset()
	}
}

func (v *wideDecimals) size() int { return v.index.size() + len(v.data) }

func (v *wideDecimals) held() int { return v.index.held() + cap(v.data) }

func (v *wideDecimals) loose() int { return v.index.rows.held() + cap(v.data) }

func (v *wideDecimals) trim() {
	v.index.rows.trim()
	v.data = nil
}

func (v *wideDecimals) page(dst []byte) ([]byte, format.Encoding, bounds, error) {
	if !v.trial.failed {
		v.trial.used = true
		return v.index.page(dst, orderDecimal)
	}
	var b bounds
	for at := 0; at < len(v.data); at += v.width {
		n := v.data[at : at+v.width]
		b.widen(bounds{n, n}, orderDecimal)
	}
	b.min, b.max = bytes.Clone(b.min), bytes.Clone(b.max)
	dst = append(dst, v.data...)
	v.data = v.data[:0]
	return dst, format.Plain, b, nil
}

// dictionary appends the decimals: they have one width, and so no lengths.
func (v *wideDecimals) dictionary(dst []byte) ([]byte, int) {
	if !v.trial.used {
		return dst, 0
	}
	return append(dst, v.index.data...), len(v.index.ends)
}

func (v *wideDecimals) hashes() []uint64 { return nil }

func (v *wideDecimals) reset() {
	v.index.reset()
	v.trial.reset()
	v.data = v.data[:0]
}
