package parquet

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"

	"github.com/parquet-go/parquet-go/bloom"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/claimlake/claimlake/internal/durable"
)

const (
	magic     = "PAR1"
	createdBy = "claimlake"
	tempMark  = ".tmp" // ends the name of a file that is not whole

	bufferBytes = 32 << 10 // of a file that is being written
)

// file is a Parquet file that is being written, under a temporary name.
type file struct {
	path    string // the final one
	out     *durable.File
	sum     hash.Hash
	buffer  *bufio.Writer // to out and sum: Thrift comes byte by byte
	offset  int64
	err     error // the first of a write
	groups  []format.RowGroup
	columns [][]format.ColumnIndex // by row group
	offsets [][]format.OffsetIndex
	rows    int64
}

func create(path string) (*file, error) {
	if err := durable.Mkdir(filepath.Dir(path)); err != nil {
		return nil, err
	}
	out, err := durable.OpenFile(path+tempMark, os.O_CREATE|os.O_EXCL|os.O_WRONLY)
	if err != nil {
		return nil, err
	}
	f := &file{path: path, out: out, sum: sha256.New()}
	f.buffer = bufio.NewWriterSize(io.MultiWriter(out, f.sum), bufferBytes)
	f.write([]byte(magic))
	return f, nil
}

func (f *file) write(b []byte) {
	if f.err != nil {
		return
	}
	_, f.err = f.buffer.Write(b)
	f.offset += int64(len(b))
}

// encode writes a Thrift struct in the compact protocol and gives its length.
func (f *file) encode(v any) int32 {
	before := f.offset
	if err := thrift.NewEncoder(new(thrift.CompactProtocol).NewWriter(writerFunc(f.write))).Encode(v); err != nil && f.err == nil {
		f.err = err
	}
	return int32(f.offset - before)
}

type writerFunc func([]byte)

func (w writerFunc) Write(b []byte) (int, error) {
	w(b)
	return len(b), nil
}

// writeGroup writes the chunks as a row group and empties them.
func (f *file) writeGroup(chunks []*chunk) error {
	group := format.RowGroup{FileOffset: f.offset, Ordinal: int16(len(f.groups))}
	var columns []format.ColumnIndex
	var offsets []format.OffsetIndex
	for _, c := range chunks {
		column, err := c.end()
		if err != nil {
			return err
		}
		f.place(c, &column)
		group.Columns = append(group.Columns, column)
		group.NumRows = c.pages.numRows
		group.TotalByteSize += column.MetaData.TotalUncompressedSize
		group.TotalCompressedSize += column.MetaData.TotalCompressedSize
		columns, offsets = append(columns, c.pages.columnIndex), append(offsets, c.pages.offsetIndex)
	}
	for i, c := range chunks {
		f.writeBloom(c, &group.Columns[i].MetaData)
		c.reset()
	}
	f.rows += group.NumRows
	f.groups, f.columns, f.offsets = append(f.groups, group), append(f.columns, columns), append(f.offsets, offsets)
	return f.err
}

// place writes the pages of a chunk and makes its offsets absolute.
func (f *file) place(c *chunk, column *format.ColumnChunk) {
	if len(c.pages.dictionary) > 0 {
		column.MetaData.DictionaryPageOffset = f.offset
	}
	f.write(c.pages.dictionary)
	column.MetaData.DataPageOffset = f.offset
	for i := range c.pages.offsetIndex.PageLocations {
		c.pages.offsetIndex.PageLocations[i].Offset += f.offset
	}
	f.write(c.pages.data)
}

// bloomBits is the size of a Bloom filter per distinct value: four look-ups in a
// thousand are answered "perhaps" without need.
const bloomBits = 12

// writeBloom writes the Bloom filter of a column that wants one.
func (f *file) writeBloom(c *chunk, m *format.ColumnMetaData) {
	sums := c.collected().hashes()
	if len(sums) == 0 {
		return
	}
	filter := make(bloom.SplitBlockFilter, bloom.NumSplitBlocksOf(int64(len(sums)), bloomBits))
	filter.InsertBulk(sums)
	m.BloomFilterOffset = f.offset
	f.encode(&format.BloomFilterHeader{
		NumBytes:    int32(len(filter.Bytes())),
		Algorithm:   format.BloomFilterAlgorithm{Value: &format.SplitBlockAlgorithm{}},
		Hash:        format.BloomFilterHash{Value: &format.XxHash{}},
		Compression: format.BloomFilterCompression{Value: &format.BloomFilterUncompressed{}},
	})
	f.write(filter.Bytes())
	m.BloomFilterLength = int32(f.offset - m.BloomFilterOffset)
}

// close writes the page index and the footer, makes the file durable and gives
// it its name.
func (f *file) close(l *layout, runID string) (Part, error) {
	f.writePageIndex()
	meta := format.FileMetaData{
		Version: 2, Schema: l.elements, NumRows: f.rows, RowGroups: f.groups, CreatedBy: createdBy,
		KeyValueMetadata: append([]format.KeyValue{{Key: keyRun, Value: runID}}, l.metadata...),
	}
	for range l.leaves {
		meta.ColumnOrders = append(meta.ColumnOrders, format.ColumnOrder{Value: &format.TypeDefinedOrder{}})
	}
	f.write(binary.LittleEndian.AppendUint32(nil, uint32(f.encode(&meta))))
	f.write([]byte(magic))
	if f.err == nil {
		f.err = f.buffer.Flush()
	}
	if f.err == nil {
		f.err = f.out.Sync()
	}
	if err := f.out.Close(); f.err == nil {
		f.err = err
	}
	if f.err == nil {
		f.err = durable.Rename(f.path+tempMark, f.path)
	}
	if f.err != nil {
		_ = durable.Remove(f.path + tempMark) // the disk may be full
		return Part{}, fmt.Errorf("write part of %s: %w", l.Name, f.err)
	}
	return Part{Table: l.Name, Rows: f.rows, Bytes: f.offset, SHA256: hex.EncodeToString(f.sum.Sum(nil))}, nil
}

func (f *file) writePageIndex() {
	for i := range f.groups {
		for j := range f.columns[i] {
			c := &f.groups[i].Columns[j]
			if len(f.offsets[i][j].PageLocations) == 1 {
				continue // the footer says all of it
			}
			c.ColumnIndexOffset = f.offset
			c.ColumnIndexLength = f.encode(&f.columns[i][j])
		}
	}
	for i := range f.groups {
		for j := range f.offsets[i] {
			c := &f.groups[i].Columns[j]
			if len(f.offsets[i][j].PageLocations) == 1 {
				continue
			}
			c.OffsetIndexOffset = f.offset
			c.OffsetIndexLength = f.encode(&f.offsets[i][j])
		}
	}
}

// abandon closes the file and removes it.
func (f *file) abandon() {
	_ = f.out.Close()
	_ = durable.Remove(f.path + tempMark)
}
