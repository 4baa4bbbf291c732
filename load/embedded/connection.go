package embedded

import (
	"errors"
	"io"
	"iter"
	"runtime"
	"unsafe"
)

// connection is one session of the engine. It runs one query at a time.
type connection struct {
	engine *engine
	handle *unsafe.Pointer
}

// param is a value for {name:Type} in a query, as text.
type param struct{ name, value string }

func (c *connection) close() { c.engine.closeConn(c.handle) }

// exec runs a query and writes its whole result to out. It returns the number
// of rows the query wrote into tables. The error is ClickHouse's own text.
func (c *connection) exec(out io.Writer, sql, format string, params []param) (written uint64, err error) {
	names, values := split(params)
	r := c.engine.query(*c.handle, sql, format, first(names), first(values), uintptr(len(params)))
	runtime.KeepAlive(names)
	runtime.KeepAlive(values)
	if r == nil {
		return 0, exception(210, "NETWORK_ERROR", "the engine gave no answer")
	}
	defer c.engine.destroy(r)
	if text := c.engine.resultError(r); text != "" {
		return 0, errors.New(text)
	}
	_, err = out.Write(c.bytes(r))
	return c.engine.resultRowsWritten(r), err
}

// stream runs a query and yields its result in pieces as it comes, so that a
// large result is never whole in memory. A piece is valid until the next.
// Leaving the loop cancels the query.
func (c *connection) stream(sql, format string, params []param) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		names, values := split(params)
		s := c.engine.streamQuery(*c.handle, sql, format, first(names), first(values), uintptr(len(params)))
		runtime.KeepAlive(names)
		runtime.KeepAlive(values)
		if s == nil {
			yield(nil, exception(210, "NETWORK_ERROR", "the engine gave no answer"))
			return
		}
		defer c.engine.destroy(s)
		if text := c.engine.resultError(s); text != "" {
			yield(nil, errors.New(text))
			return
		}
		for c.fetch(s, yield) {
		}
	}
}

// fetch yields the next piece and reports whether there may be another.
func (c *connection) fetch(s unsafe.Pointer, yield func([]byte, error) bool) bool {
	r := c.engine.streamFetch(*c.handle, s)
	if r == nil {
		return false
	}
	defer c.engine.destroy(r)
	if text := c.engine.resultError(r); text != "" {
		yield(nil, errors.New(text))
		return false
	}
	piece := c.bytes(r)
	if len(piece) == 0 {
		return false
	}
	if !yield(piece, nil) {
		c.engine.streamCancel(*c.handle, s)
		return false
	}
	return true
}

// bytes is the result's data, in the library's memory.
func (c *connection) bytes(r unsafe.Pointer) []byte {
	return unsafe.Slice(c.engine.resultBuffer(r), c.engine.resultLength(r))
}

func split(params []param) (names, values []*byte) {
	n, v := make([]string, len(params)), make([]string, len(params))
	for i, p := range params {
		n[i], v[i] = p.name, p.value
	}
	return cStrings(n), cStrings(v)
}

func first(list []*byte) **byte { return unsafe.SliceData(list) }
