package parquet

import (
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
)

// A Writer that has little room ends pages, which are small once encoded, and keeps the
// row group: what it holds stays within the room, and readers get large row groups.
func TestLittleRoomEndsPagesBeforeRowGroups(t *testing.T) {
	s := eobItems()
	l, err := Open(t.TempDir())
	must(t, err)
	run, err := l.Begin("run-1", 1, []*arrow.Schema{s})
	must(t, err)
	w := run.NewWriter()
	w.room = 2 << 20
	r := rand.New(rand.NewPCG(1, 1))
	for range 100 {
		rec := buildBatch(t, s, func(rb *array.RecordBuilder) { fillItems(t, rb, 20, r) })
		must(t, w.Write(rec))
		rec.Release()
		if held := w.order[0].held; held > w.room {
			t.Fatalf("%d bytes are held, of which %d may be", held, w.room)
		}
	}
	parts, err := w.Flush()
	must(t, err)
	groups := openPart(t, l.abs(parts[0].Path)).parts.Metadata().RowGroups
	pages := 0
	for _, s := range groups[0].Columns[0].MetaData.EncodingStats {
		pages += int(s.Count)
	}
	if len(groups) != 1 || pages < 3 {
		t.Errorf("%d row groups, the first with %d pages in its first column", len(groups), pages)
	}

	w.room = 64 << 10 // less than the dictionaries have
	for range 20 {
		rec := buildBatch(t, s, func(rb *array.RecordBuilder) { fillItems(t, rb, 20, r) })
		must(t, w.Write(rec))
		rec.Release()
	}
	if parts, err = w.Flush(); err != nil || len(openPart(t, l.abs(parts[0].Path)).parts.Metadata().RowGroups) < 2 {
		t.Errorf("%d bytes of room are kept to by nothing: %v", w.room, err)
	}
}
