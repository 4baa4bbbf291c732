package embedded

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"
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

// stats is what the engine tells of a query.
type stats struct {
	read, readBytes uint64 // of tables
	rows, bytes     uint64 // of the result
	written         uint64 // rows
	elapsed         time.Duration
}

// exec runs a query and writes its whole result to out, at once. The error is ClickHouse's
// own text.
func (c *connection) exec(out io.Writer, sql, format string, params []param) (stats, error) {
	names, values := split(params)
	r := c.engine.query(*c.handle, sql, format, first(names), first(values), uintptr(len(params)))
	runtime.KeepAlive(names)
	runtime.KeepAlive(values)
	if r == nil {
		return stats{}, exception(210, "NETWORK_ERROR", "the engine gave no answer")
	}
	defer c.engine.destroy(r)
	if text := c.engine.resultError(r); text != "" {
		return stats{}, errors.New(text)
	}
	s := stats{
		read: c.engine.storageRows(r), readBytes: c.engine.storageBytes(r), rows: c.engine.resultRows(r), bytes: c.engine.resultBytes(r),
		written: c.engine.resultRowsWritten(r), elapsed: time.Duration(c.engine.resultElapsed(r) * float64(time.Second)),
	}
	_, err := out.Write(c.bytes(r))
	return s, err
}

// into runs a query and writes its result to out as the engine makes it, so that a large
// one is never whole in memory. The engine writes into a pipe: its interface for streams
// makes a document of its own of every piece, with another header each. When out fails,
// into calls stop and waits for the query's end.
func (c *connection) into(out io.Writer, stop func(), r *request) (stats, error) {
	reader, writer, err := os.Pipe()
	if err != nil {
		return stats{}, exception(76, "CANNOT_OPEN_FILE", "%w", err)
	}
	defer reader.Close() //nolint:errcheck // all is read
	copied := make(chan error, 1)
	go func() {
		_, err := io.CopyBuffer(struct{ io.Writer }{out}, struct{ io.Reader }{reader}, make([]byte, 256<<10))
		if err != nil {
			stop()
			_, _ = io.Copy(io.Discard, reader)
		}
		copied <- err
	}()
	s, err := c.exec(io.Discard, r.intoFile(fmt.Sprintf("/dev/fd/%d", writer.Fd()), r.format), r.format, r.params)
	_ = writer.Close()
	if failed := <-copied; err == nil {
		err = failed
	}
	return s, err
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
