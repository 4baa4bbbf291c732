package embedded

import (
	"fmt"
	"io"
	"os"
)

// insert runs an insert whose rows come from the request's body. The engine
// reads them from a pipe, so that they are never in a file. It returns the
// number of rows written.
func insert(c *connection, r *request) (uint64, error) {
	reader, writer, err := os.Pipe()
	if err != nil {
		return 0, exception(74, "CANNOT_READ_FROM_FILE_DESCRIPTOR", "%w", err)
	}
	copied := make(chan error, 1)
	go func() {
		_, err := io.Copy(writer, r.body)
		_ = writer.Close()
		copied <- err
	}()
	s, err := c.exec(io.Discard, r.fromFile(fmt.Sprintf("/dev/fd/%d", reader.Fd())), "Native", r.params)
	// Before waiting: when the engine did not read all, the copy is still writing.
	_ = reader.Close()
	if err != nil {
		return 0, err
	}
	if err := <-copied; err != nil {
		return 0, exception(33, "CANNOT_READ_ALL_DATA", "the request's body ended early")
	}
	return s.written, nil
}
