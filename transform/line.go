package transform

import (
	"bytes"

	"github.com/tidwall/gjson"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/transform/internal/value"
)

// lineInfo is what all rows of a line have in common.
type lineInfo struct {
	number  int64
	hash    uint64
	version int64 // µs since 1970
}

var byteOrderMark = []byte("\xef\xbb\xbf")

// lines splits the page and flattens each line that is not blank.
func (f *Flattener) lines(pg lineage.Page) {
	number := pg.First
	for start := 0; start < len(pg.Data); number++ {
		end, next := len(pg.Data), len(pg.Data)
		if n := bytes.IndexByte(pg.Data[start:], '\n'); n >= 0 {
			end, next = start+n, start+n+1
		}
		f.line(number, start, end)
		if f.scan.filled > maxChunkCells {
			f.convert()
		}
		start = next
	}
}

// line flattens one line, the bytes of the page from start to end.
func (f *Flattener) line(number int64, start, end int) {
	data := bytes.TrimSuffix(f.page.Data[:end], []byte("\r"))
	if len(data) < start { // the \r is the line before's
		data = f.page.Data[:end]
	}
	if bytes.HasPrefix(data[start:], byteOrderMark) {
		start += len(byteOrderMark)
	}
	if len(bytes.TrimSpace(data[start:])) == 0 {
		return
	}
	f.result.Lines++
	if reason := f.resource(number, data, start); reason != "" {
		f.result.Rejects = append(f.result.Rejects, Reject{
			Line: number, Offset: f.page.Offset + int64(start), Length: len(data) - start,
			Reason: reason, At: min(f.scan.pos, len(data)) - start,
		})
	}
}

// resource flattens the resource in data from start on. It gives the reason why
// it did not, if the line is to blame.
func (f *Flattener) resource(number int64, data []byte, start int) string {
	s := &f.scan
	s.begin(data, start)
	if len(data)-start > lineage.MaxLineBytes {
		return ReasonTooLong
	}
	typ, reason := s.resourceType()
	if reason != "" {
		return reason
	}
	s.begin(data, start)
	l := f.lanes[string(typ)]
	if reason := f.noResource(string(typ), data[start:]); l == nil && reason != "" {
		return reason
	}
	if wanted := f.page.ResourceType; wanted != "" && string(typ) != wanted {
		return ReasonWrongType
	}
	if l == nil && !value.IsTypeName(typ) {
		return ReasonNoType
	}
	if l == nil {
		return f.unmapped(string(typ))
	}
	info := lineInfo{number: number, hash: f.hash(data[start:])}
	if f.known(l.plan.mapping.Resource, info.hash) {
		f.result.Unchanged++
		f.numberKnown(l, number, data[start:])
		f.result.Known = append(f.result.Known, KnownLine{Line: number, Hash: info.hash})
		return ""
	}
	return f.flatten(l, info, start)
}

// noResource says why a line of a type that has no mapping is more than a resource that
// nobody wants: there are resources in it, or it says that some are missing.
func (f *Flattener) noResource(typ string, line []byte) string {
	if typ != "Bundle" && typ != "OperationOutcome" {
		return ""
	}
	s := &f.scan
	at := s.pos
	if !s.skip() || !s.end() {
		return s.reason
	}
	s.pos = at
	if typ == "Bundle" {
		return ReasonBundle
	}
	for _, severity := range gjson.GetBytes(line, "issue.#.severity").Array() {
		if severity.Str == "error" || severity.Str == "fatal" {
			return ReasonOutcome
		}
	}
	return ""
}

// unmapped checks and counts a line of a type that has no mapping.
func (f *Flattener) unmapped(typ string) string {
	if !f.scan.skip() || !f.scan.end() {
		return f.scan.reason
	}
	f.result.Unmapped[typ]++
	return ""
}

// flatten scans the line, which begins at start, into the chunk.
func (f *Flattener) flatten(l *lane, info lineInfo, start int) string {
	s := &f.scan
	root, ok := s.resource(l, int32(len(f.chunk.lines)))
	if !ok {
		return s.reason
	}
	if id := s.slots[l.plan.id]; id.kind != kindText || id.start == id.end {
		s.abandon(root)
		return ReasonNoID
	}
	info.version = f.versionOf(l)
	f.number(l, info.number)
	s.closeFrame(&s.frames[root], true)
	if l.plan.extras != none {
		f.keepExtras(l, root, start)
	}
	f.chunk.lines = append(f.chunk.lines, info)
	f.result.Resources[l.plan.mapping.Resource]++
	return ""
}
