package transform

import (
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/claimlake/claimlake/internal/lineage"
)

// lineageBuilder collects the lineage columns of one table over a page.
type lineageBuilder struct {
	mem      memory.Allocator
	lines    []int64
	hashes   []uint64
	versions []arrow.Timestamp
}

func newLineageBuilder(mem memory.Allocator) lineageBuilder { return lineageBuilder{mem: mem} }

func (b *lineageBuilder) add(c *chunk) {
	for i := range c.rows {
		l := c.lineOf(i)
		b.lines = append(b.lines, l.number)
		b.hashes = append(b.hashes, l.hash)
		b.versions = append(b.versions, arrow.Timestamp(l.version))
	}
}

// finish gives the columns in the order of lineage.Fields, and starts anew.
func (b *lineageBuilder) finish(o lineage.Origin, mapping string) []arrow.Array {
	zeros := b.zeros()
	defer zeros.Release()
	arrays := []arrow.Array{
		b.constant(zeros, o.Source), b.constant(zeros, o.RunID), b.constant(zeros, o.FileID),
		b.numbers(), b.times(o.RetrievedAt), b.times(o.TransactionTime),
		b.constant(zeros, mapping), b.hashArray(), b.versionArray(), b.deleted(),
	}
	b.lines, b.hashes, b.versions = b.lines[:0], b.hashes[:0], b.versions[:0]
	return arrays
}

// zeros are the codes of a dictionary column with one value.
func (b *lineageBuilder) zeros() arrow.Array {
	codes := array.NewInt32Builder(b.mem)
	defer codes.Release()
	codes.AppendValues(make([]int32, len(b.lines)), nil)
	return codes.NewArray()
}

func (b *lineageBuilder) constant(zeros arrow.Array, text string) arrow.Array {
	values := array.NewStringBuilder(b.mem)
	defer values.Release()
	values.Append(text)
	words := values.NewArray()
	defer words.Release()
	return array.NewDictionaryArray(dictionary, zeros, words)
}

func (b *lineageBuilder) numbers() arrow.Array {
	numbers := array.NewInt64Builder(b.mem)
	defer numbers.Release()
	numbers.AppendValues(b.lines, nil)
	return numbers.NewArray()
}

func (b *lineageBuilder) hashArray() arrow.Array {
	hashes := array.NewUint64Builder(b.mem)
	defer hashes.Release()
	hashes.AppendValues(b.hashes, nil)
	return hashes.NewArray()
}

func (b *lineageBuilder) versionArray() arrow.Array {
	times := array.NewTimestampBuilder(b.mem, instant)
	defer times.Release()
	times.AppendValues(b.versions, nil)
	return times.NewArray()
}

func (b *lineageBuilder) times(at time.Time) arrow.Array {
	times := array.NewTimestampBuilder(b.mem, instant)
	defer times.Release()
	times.Reserve(len(b.lines))
	for range b.lines {
		times.UnsafeAppend(arrow.Timestamp(at.UnixMicro()))
	}
	return times.NewArray()
}

func (b *lineageBuilder) deleted() arrow.Array {
	flags := array.NewBooleanBuilder(b.mem)
	defer flags.Release()
	flags.AppendValues(make([]bool, len(b.lines)), nil)
	return flags.NewArray()
}
