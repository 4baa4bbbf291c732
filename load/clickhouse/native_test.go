package clickhouse

import (
	"bytes"
	"io"
	"testing"

	chproto "github.com/ClickHouse/ch-go/proto"
	chcolumn "github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// Over the native protocol clickhouse-go takes our encoded columns by Decode
// and encodes them again: the bytes must be the same.
func TestNativeProtocolSendsTheSameBytes(t *testing.T) {
	l, err := layoutOf(everyType())
	must(t, err)
	b, err := newBlock(l, 7)
	must(t, err)
	for range 2 { // the second finds no column blank
		rec := build(t, l.schema, func(b *array.RecordBuilder) { fillTypes(t, b) })
		defer rec.Release()
		must(t, b.add(rec))
	}
	for i, c := range b.columns {
		ours, err := io.ReadAll(read(c.parts()))
		must(t, err)
		theirs, err := chcolumn.Type(b.Columns[i].Type).Column(b.Columns[i].Name, &chcolumn.ServerContext{})
		must(t, err)
		r := bytes.NewReader(ours)
		must(t, theirs.Decode(chproto.NewReader(r), b.rows))
		if theirs.Rows() != b.rows || r.Len() != 0 {
			t.Errorf("column %s: %d rows, %d bytes left", b.Columns[i].Name, theirs.Rows(), r.Len())
		}
		var buf chproto.Buffer
		theirs.Encode(&buf)
		if !bytes.Equal(buf.Buf, ours) {
			t.Errorf("column %s: sent as %x, want %x", b.Columns[i].Name, buf.Buf, ours)
		}
	}
}
