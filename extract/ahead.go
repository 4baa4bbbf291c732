package extract

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"time"
)

const (
	// aheadAfter is how long a reader waits for a file's bytes, in all, before parts
	// of it are asked for side by side: where the reader is what is slow, that
	// would be of no use.
	aheadAfter = time.Second
	// partBytes is how long such a part is. A file has up to Options.FileDownloads - 1
	// of them in memory.
	partBytes = 8 << 20
	// maxPartFailures is how often parts may fail before a file is left to one
	// connection.
	maxPartFailures = 3
)

// ahead fetches the parts of a large file after the place where it is read, each by
// a connection of its own, as long as Options.Downloads are not all taken.
//
//	now ────────▶│ part 1 │ part 2 │ part 3 │ next
//	     w.at ▲
type ahead struct {
	stream *stream
	first  *connection
	gate   *gate
	header http.Header
	next   int64           // where the next part begins
	size   int64           // of the file, encoded
	parts  []*fetched      // in order, without gaps
	ctx    context.Context //nolint:containedctx // of the parts, which end with the wire
	cancel context.CancelFunc
}

// fetched is a part of a file that is asked for ahead.
type fetched struct {
	from, to int64 // to: after the last byte
	done     chan struct{}
	data     []byte // nil where they could not be had
}

// slow notes how long the reader waited, and looks ahead once that is worth it.
func (w *wire) slow(waited time.Duration) {
	if w.waited += waited; w.waited < aheadAfter || w.failures >= maxPartFailures {
		return
	}
	if w.ahead == nil {
		w.ahead = w.newAhead()
	}
	if w.ahead != nil {
		w.ahead.fill()
	}
}

// newAhead is nil where a server sends no parts, or the file is not large enough.
func (w *wire) newAhead() *ahead {
	s, next := w.stream, w.at+w.stream.client.partBytes
	known := w.size >= 0 && w.first.validator() != "" && w.first.res.Header.Get("Accept-Ranges") == "bytes"
	if !known || s.client.o.FileDownloads < 2 || w.size-next < s.client.partBytes {
		return nil
	}
	ctx, cancel := context.WithCancel(s.ctx)
	return &ahead{stream: s, first: w.first, gate: s.client.gates.of(s.link.Host), header: w.header, next: next, size: w.size, ctx: ctx, cancel: cancel}
}

// fill asks for as many parts as there may be at once.
func (a *ahead) fill() {
	c := a.stream.client
	for len(a.parts) < c.o.FileDownloads-1 && a.next < a.size {
		round, ok := a.gate.tryEnter()
		if !ok {
			return
		}
		p := &fetched{from: a.next, to: min(a.next+c.partBytes, a.size), done: make(chan struct{})}
		a.next, a.parts = p.to, append(a.parts, p)
		call := a.stream.call()
		maps.Copy(call.header, a.header)
		call.header.Set("Range", fmt.Sprintf("bytes=%d-%d", p.from, p.to-1))
		call.header.Set("If-Range", a.first.validator())
		go func() {
			defer close(p.done)
			defer a.gate.leave()
			a.fetch(call, p, round)
		}()
	}
}

// fetch asks for a part, once. What goes wrong is found again, and dealt with, when
// the reader comes there.
func (a *ahead) fetch(call call, p *fetched, round int) {
	c := a.stream.client
	res, failure := c.attempt(a.ctx, call, c.tries()) //nolint:bodyclose // the connection closes it
	if failure != nil {
		if failure.Class == Throttled {
			a.gate.throttled(round)
		}
		return
	}
	a.gate.answered()
	answer := &connection{res: res, leave: func() {}}
	defer answer.Close() //nolint:errcheck // read only
	if got, ok := answer.part(); !ok || got != (part{p.from, p.to, a.size}) || !answer.sameVersion(a.first) {
		return
	}
	data := make([]byte, p.to-p.from)
	if _, err := io.ReadFull(res.Body, data); err != nil {
		return
	}
	p.data = data
}

// room is how many of n bytes may be read before the first part.
func (a *ahead) room(at int64, n int) int {
	if a == nil || len(a.parts) == 0 {
		return n
	}
	return int(min(int64(n), a.parts[0].from-at))
}

// take gives the part that begins at a place, once it is there; nil for none.
func (a *ahead) take(at int64) *fetched {
	if a == nil || len(a.parts) == 0 || a.parts[0].from != at {
		return nil
	}
	p := a.parts[0]
	a.parts = a.parts[1:]
	<-p.done
	return p
}

// next goes on with the part that begins where the wire is. Where it could not be
// had, the file is read by one connection for a while.
func (w *wire) next(p *fetched) error {
	_ = w.now.Close()
	if p.data == nil {
		w.stopAhead()
		w.failures++
		w.waited = 0
		return w.reconnect()
	}
	w.now = &connection{res: &http.Response{Body: io.NopCloser(bytes.NewReader(p.data)), ContentLength: p.to - p.from}}
	w.begun, w.until = p.from, p.to
	return nil
}

// nextPart goes on after a part. The next one may not have been asked for: downloads
// were all taken.
func (w *wire) nextPart() error {
	switch parts := w.ahead.parts; {
	case len(parts) == 0:
		w.stopAhead()
		return w.reconnect()
	case parts[0].from != w.at:
		return w.resume(io.ErrUnexpectedEOF)
	}
	return nil
}

// stopAhead gives up the parts that were asked for.
func (w *wire) stopAhead() {
	if w.ahead != nil {
		w.ahead.cancel()
		w.ahead = nil
	}
}
