package parquet

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"slices"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// pages are the pages of a column chunk as the file will have them, and what the
// page index and the footer say of them.
type pages struct {
	dictionary []byte // the dictionary's page
	data       []byte // the data pages

	*scratch

	columnIndex  format.ColumnIndex
	offsetIndex  format.OffsetIndex // offsets relative to data
	stats        []format.PageEncodingStats
	total        bounds
	numRows      int64
	numValues    int64
	nulls        int64
	uncompressed int64 // bytes, headers counted
	hopeless     int   // pages that are not worth compressing
}

// minPacked is the least size of a page that is worth compressing.
const minPacked = 128

// codec is the fastest of zstd, but for one thing: texts of digits, such as ids, and
// times have no repetitions and yet few different bytes, which it would leave as they
// are. It may be used concurrently. All chunks have it, even those with no page worth
// compressing: parquet-go takes a column's codec from one row group for all.
var codec = mustEncoder(zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithAllLitEntropyCompression(true),
	zstd.WithWindowSize(1<<20), zstd.WithZeroFrames(true), zstd.WithEncoderCRC(false)) // pages have a CRC of their own

func mustEncoder(o ...zstd.EOption) *zstd.Encoder {
	e, err := zstd.NewWriter(nil, o...)
	if err != nil {
		panic(err) // by what stands here alone
	}
	return e
}

func (p *pages) begin() { p.rep, p.def, p.body = p.rep[:0], p.def[:0], p.body[:0] }

// minLevels is how many bytes of levels are worth compressing.
const minLevels = 64

// end writes the current page. In a page of version 2 levels are as they are, and values
// are compressed where that helps. Where there are many levels the page is one of version
// 1, in which they are compressed too.
func (p *pages) end(h format.DataPageHeaderV2, b bounds, order ordering) error {
	if len(p.rep)+len(p.def) >= minLevels {
		return p.endFirst(h, b, order)
	}
	body, packed := p.compress()
	h.RepetitionLevelsByteLength, h.DefinitionLevelsByteLength = int32(len(p.rep)), int32(len(p.def))
	h.IsCompressed = thrift.New(packed)
	levels := len(p.rep) + len(p.def)
	if levels+len(p.body) > math.MaxInt32 {
		return fmt.Errorf("a page of %d bytes is more than Parquet allows", levels+len(p.body))
	}
	header := format.PageHeader{
		Type: format.DataPageV2, CRC: int32(crc(p.rep, p.def, body)), DataPageHeaderV2: thrift.New(h),
		UncompressedPageSize: int32(levels + len(p.body)), CompressedPageSize: int32(levels + len(body)),
	}
	offset := len(p.data)
	var err error
	if p.data, err = appendHeader(p.data, &header); err != nil {
		return err
	}
	p.uncompressed += int64(len(p.data) - offset + levels + len(p.body))
	p.data = append(append(append(p.data, p.rep...), p.def...), body...)
	p.record(h, b, order, offset)
	p.count(format.DataPageV2, h.Encoding)
	return nil
}

// endFirst writes the current page as one of version 1: levels, each after their length,
// and values, all compressed.
func (p *pages) endFirst(h format.DataPageHeaderV2, b bounds, order ordering) error {
	p.whole = p.whole[:0]
	for _, levels := range [][]byte{p.rep, p.def} {
		if len(levels) > 0 {
			p.whole = binary.LittleEndian.AppendUint32(p.whole, uint32(len(levels)))
			p.whole = append(p.whole, levels...)
		}
	}
	p.whole = append(p.whole, p.body...)
	if len(p.whole) > math.MaxInt32 {
		return fmt.Errorf("a page of %d bytes is more than Parquet allows", len(p.whole))
	}
	p.packed = codec.EncodeAll(p.whole, p.packed[:0])
	header := format.PageHeader{
		Type: format.DataPage, CRC: int32(crc(p.packed)),
		UncompressedPageSize: int32(len(p.whole)), CompressedPageSize: int32(len(p.packed)),
		DataPageHeader: thrift.New(format.DataPageHeader{
			NumValues: h.NumValues, Encoding: h.Encoding, DefinitionLevelEncoding: format.RLE, RepetitionLevelEncoding: format.RLE,
		}),
	}
	offset := len(p.data)
	var err error
	if p.data, err = appendHeader(p.data, &header); err != nil {
		return err
	}
	p.uncompressed += int64(len(p.data) - offset + len(p.whole))
	p.data = append(p.data, p.packed...)
	p.record(h, b, order, offset)
	p.count(format.DataPage, h.Encoding)
	return nil
}

// compress gives the body as it will stand in the file. A column whose pages do
// not shrink is left alone for a while.
func (p *pages) compress() (body []byte, packed bool) {
	if len(p.body) < minPacked || p.hopeless > 0 {
		p.hopeless = max(0, p.hopeless-1)
		return p.body, false
	}
	p.packed = codec.EncodeAll(p.body, p.packed[:0])
	if 10*len(p.packed) > 9*len(p.body) {
		p.hopeless = 15
		return p.body, false
	}
	return p.packed, true
}

// record notes the page in the page index and the statistics.
func (p *pages) record(h format.DataPageHeaderV2, b bounds, order ordering, offset int) {
	b = b.cut()
	b.min, b.max = slices.Clone(b.min), slices.Clone(b.max)
	i := &p.columnIndex
	i.NullPages = append(i.NullPages, h.NumNulls == h.NumValues)
	i.MinValues = append(i.MinValues, nonNil(b.min))
	i.MaxValues = append(i.MaxValues, nonNil(b.max))
	i.NullCounts = append(i.NullCounts, int64(h.NumNulls))
	p.offsetIndex.PageLocations = append(p.offsetIndex.PageLocations, format.PageLocation{
		Offset: int64(offset), CompressedPageSize: int32(len(p.data) - offset), FirstRowIndex: p.numRows,
	})
	p.total.widen(b, order)
	p.numRows += int64(h.NumRows)
	p.numValues += int64(h.NumValues)
	p.nulls += int64(h.NumNulls)
}

func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// count counts a page by its encoding.
func (p *pages) count(t format.PageType, e format.Encoding) {
	for i := range p.stats {
		if p.stats[i].PageType == t && p.stats[i].Encoding == e {
			p.stats[i].Count++
			return
		}
	}
	p.stats = append(p.stats, format.PageEncodingStats{PageType: t, Encoding: e, Count: 1})
}

// encodings are all that occur in the chunk.
func (p *pages) encodings(levels bool) []format.Encoding {
	var out []format.Encoding
	for _, s := range p.stats {
		if !slices.Contains(out, s.Encoding) {
			out = append(out, s.Encoding)
		}
	}
	if levels && !slices.Contains(out, format.RLE) {
		out = append(out, format.RLE)
	}
	return out
}

// endDictionary writes the dictionary's page from body.
func (p *pages) endDictionary(count int) error {
	p.packed = codec.EncodeAll(p.body, p.packed[:0])
	header := format.PageHeader{
		Type: format.DictionaryPage, CRC: int32(crc(p.packed)),
		UncompressedPageSize: int32(len(p.body)), CompressedPageSize: int32(len(p.packed)),
		DictionaryPageHeader: thrift.New(format.DictionaryPageHeader{NumValues: int32(count), Encoding: format.Plain}),
	}
	var err error
	if p.dictionary, err = appendHeader(p.dictionary, &header); err != nil {
		return err
	}
	p.uncompressed += int64(len(p.dictionary) + len(p.body))
	p.dictionary = append(p.dictionary, p.packed...)
	p.count(format.DictionaryPage, format.Plain)
	return nil
}

func crc(parts ...[]byte) (sum uint32) {
	for _, part := range parts {
		sum = crc32.Update(sum, crc32.IEEETable, part)
	}
	return sum
}

// appendHeader appends a page header in Thrift's compact protocol.
func appendHeader(dst []byte, h *format.PageHeader) ([]byte, error) {
	buf := bytes.NewBuffer(dst)
	if err := thrift.NewEncoder(new(thrift.CompactProtocol).NewWriter(buf)).Encode(h); err != nil {
		return dst, fmt.Errorf("encode a page header: %w", err)
	}
	return buf.Bytes(), nil
}

func (p *pages) reset() {
	p.dictionary, p.data = p.dictionary[:0], p.data[:0]
	p.columnIndex, p.offsetIndex, p.stats = format.ColumnIndex{}, format.OffsetIndex{}, nil
	p.total = bounds{}
	p.numRows, p.numValues, p.nulls, p.uncompressed = 0, 0, 0, 0
}
