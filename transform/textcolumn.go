package transform

import (
	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// textReader gives the text of a value, good until the next call. ok is false
// where the row has none: with a reason if the value did not fit.
type textReader func(c *chunk, sp span) (text []byte, ok bool, reason string)

// texts builds a string column.
type texts struct {
	builder *array.StringBuilder
	read    textReader
	rows    int // of the page before, and their bytes, to reserve as many
	bytes   int
}

func (b *texts) add(c *chunk, m *misfits) {
	if b.builder.Len() == 0 {
		b.builder.Reserve(max(b.rows, len(c.spans)))
		b.builder.ReserveData(b.bytes)
	}
	for i, sp := range c.spans {
		text, ok := readText(b.read, c, m, i, sp)
		if ok || m.required {
			b.builder.BinaryBuilder.Append(text)
		} else {
			b.builder.AppendNull()
		}
	}
}

func (b *texts) finish() arrow.Array {
	b.rows, b.bytes = b.builder.Len(), b.builder.DataLen()
	return b.builder.NewArray()
}

// readText reads a value and notes why there is none.
func readText(read textReader, c *chunk, m *misfits, i int, sp span) ([]byte, bool) {
	if !sp.present() {
		m.missing(c, i)
		return nil, false
	}
	text, ok, reason := read(c, sp)
	if reason != "" {
		m.note(c, i, reason)
	} else if !ok {
		m.missing(c, i)
	}
	return text, ok
}

// codes builds a dictionary column.
type codes struct {
	read   textReader
	index  map[string]int32 // code by text
	names  []string         // text by code
	words  *array.StringBuilder
	values *array.Int32Builder
	codes  []int32 // of the chunk
	valid  []bool
	code   int32 // of the value before, which often comes again
	rows   int   // of the page before, to reserve as many
}

func newCodes(mem memory.Allocator, read textReader) *codes {
	return &codes{read: read, index: map[string]int32{}, words: array.NewStringBuilder(mem), values: array.NewInt32Builder(mem)}
}

func (b *codes) add(c *chunk, m *misfits) {
	b.codes, b.valid = b.codes[:0], b.valid[:0]
	for i, sp := range c.spans {
		text, ok := readText(b.read, c, m, i, sp)
		ok = ok || m.required
		code := int32(0)
		if ok {
			code = b.codeOf(text)
		}
		b.codes, b.valid = append(b.codes, code), append(b.valid, ok)
	}
	if b.values.Len() == 0 {
		b.values.Reserve(max(b.rows, len(b.codes)))
	}
	b.values.AppendValues(b.codes, b.valid)
}

func (b *codes) codeOf(text []byte) int32 {
	if b.code < int32(len(b.names)) && string(text) == b.names[b.code] {
		return b.code
	}
	code, ok := b.index[string(text)]
	if !ok {
		name := string(text)
		code = int32(len(b.names))
		b.words.BinaryBuilder.Append(text)
		b.index[name], b.names = code, append(b.names, name)
	}
	b.code = code
	return code
}

func (b *codes) finish() arrow.Array {
	b.rows = b.values.Len()
	b.code, b.names = 0, b.names[:0]
	clear(b.index)
	values, words := b.values.NewArray(), b.words.NewArray()
	defer values.Release()
	defer words.Release()
	return array.NewDictionaryArray(dictionary, values, words)
}
