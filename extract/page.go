package extract

import (
	"bytes"
	"io"
	"iter"
	"slices"

	"github.com/claimlake/claimlake/internal/lineage"
)

// Position is a place between two lines of a decoded NDJSON file.
type Position struct {
	Line   int64 // number of the next line, from 1
	Offset int64 // of its first byte in the decoded file
}

// Start is the position before the first line.
var Start = Position{Line: 1}

// After is the position after a page.
func After(p lineage.Page) Position {
	return Position{Line: p.First + int64(p.Lines), Offset: p.Offset + p.Bytes()}
}

// PageReader cuts decoded NDJSON into pages. Where a page ends depends on the
// bytes after its beginning alone, so that a file read again, from the start of
// any of its pages, gives the same ones.
type PageReader struct {
	src     io.Reader
	buffers *Buffers
	next    Position
	rest    []byte // read already, of the next page
	ended   bool   // src gave its io.EOF
	err     error  // src broke
}

// NewPageReader reads pages from src, whose first byte is at from.
func NewPageReader(src io.Reader, from Position, b *Buffers) *PageReader {
	return &PageReader{src: src, buffers: b, next: from}
}

// Pages yields the pages of src, without Origin and ResourceType. They end where src
// gives io.EOF itself; an error that wraps it is a failure like any other. After a
// failure of src come the whole pages before it, and then the error, but not the lines
// of a page that src broke off: read again, it would be longer.
func (r *PageReader) Pages() iter.Seq2[lineage.Page, error] {
	return func(yield func(lineage.Page, error) bool) {
		for {
			p, err := r.read()
			switch {
			case err != nil:
				yield(lineage.Page{}, err)
				return
			case p.Lines == 0:
				return
			case !yield(p, nil):
				return
			}
		}
	}
}

// read gives the next page, without lines after the last.
func (r *PageReader) read() (lineage.Page, error) {
	data := append(r.buffers.get(), r.rest...)
	r.rest = r.rest[:0]
	lines := bytes.Count(data, newline)
	for r.more() && lines < lineage.MaxPageLines && (lines == 0 || len(data) < lineage.MaxPageBytes) {
		if lines == 0 && len(data) > lineage.MaxLineBytes {
			return r.long(data)
		}
		old := len(data)
		data = r.fill(data)
		lines += bytes.Count(data[old:], newline)
	}
	if r.broken(data, lines) {
		r.buffers.Put(lineage.Page{Data: data})
		return lineage.Page{}, r.err
	}
	end := r.cut(data, lines)
	r.rest = append(r.rest, data[end:]...)
	if end == 0 {
		r.buffers.Put(lineage.Page{Data: data})
		return lineage.Page{}, r.err
	}
	return r.page(data[:end], 0), nil
}

// more reports whether src may have more.
func (r *PageReader) more() bool { return !r.ended && r.err == nil }

var newline = []byte{'\n'}

// fill appends the next chunk of src to data.
func (r *PageReader) fill(data []byte) []byte {
	data = slices.Grow(data, chunkBytes)
	n, err := io.ReadAtLeast(r.src, data[len(data):len(data)+chunkBytes], 1)
	if r.ended = err == io.EOF; !r.ended { //nolint:errorlint // an error that wraps it is no end
		r.err = err
	}
	return data[:len(data)+n]
}

// broken reports whether src failed before the page was full.
func (r *PageReader) broken(data []byte, lines int) bool {
	return r.err != nil && lines < lineage.MaxPageLines && len(data) < lineage.MaxPageBytes
}

// cut is where a page that begins with data ends. An unterminated line is one
// only where the file ends.
func (r *PageReader) cut(data []byte, lines int) int {
	whole := bytes.LastIndexByte(data, '\n') + 1
	if r.ended {
		whole = len(data)
	}
	if whole > lineage.MaxPageBytes {
		if end := bytes.LastIndexByte(data[:lineage.MaxPageBytes], '\n') + 1; end > 0 {
			whole = end
		} else if n := bytes.IndexByte(data, '\n'); n >= 0 {
			whole = n + 1
		}
	}
	if lines <= lineage.MaxPageLines {
		return whole
	}
	end := 0
	for range lineage.MaxPageLines {
		end += bytes.IndexByte(data[end:], '\n') + 1
	}
	return min(end, whole)
}

// long gives a page with the beginning of a line that is longer than a line may
// be, and reads over the rest of it without keeping it.
func (r *PageReader) long(data []byte) (lineage.Page, error) {
	const keep = lineage.MaxLineBytes + 1 // so that the line is seen to be too long
	chunk, dropped := slices.Clone(data[keep:]), int64(0)
	for {
		if n := bytes.IndexByte(chunk, '\n'); n >= 0 {
			r.rest = append(r.rest, chunk[n+1:]...)
			return r.page(append(data[:keep], '\n'), dropped+int64(n)), nil
		}
		dropped += int64(len(chunk))
		switch {
		case r.more():
			chunk = r.fill(chunk[:0])
		case r.ended:
			return r.page(data[:keep], dropped), nil
		default:
			return lineage.Page{}, r.err
		}
	}
}

// page makes the page at the reader's position and moves that past it.
func (r *PageReader) page(data []byte, dropped int64) lineage.Page {
	p := lineage.Page{First: r.next.Line, Offset: r.next.Offset, Lines: bytes.Count(data, newline), Dropped: dropped, Data: data}
	if data[len(data)-1] != '\n' {
		p.Lines++
	}
	r.next = After(p)
	return p
}
