package extract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/claimlake/claimlake/internal/lineage"
)

// Limits against decompression bombs. Claims shrink to a twentieth, and the same
// line over and over to a two-hundredth; a gzip of zeros to a thousandth.
const (
	maxRatio      = 400
	ratioFromSize = 64 << 20 // decoded bytes, below which the ratio is not looked at
)

// took accounts for bytes that go to the reader.
func (s *stream) took(p []byte) error {
	s.at += int64(len(p))
	s.here += int64(len(p))
	_, _ = s.same.Write(p)
	if s.sum != nil {
		s.sum.Write(p)
	}
	s.keepTail(p)
	if err := s.look(p); err != nil {
		return err
	}
	switch {
	case s.at > s.client.o.MaxFileBytes:
		return s.failure(fmt.Errorf("%w: more than %d bytes", ErrTooLarge, s.client.o.MaxFileBytes))
	case s.here > ratioFromSize && s.here/maxRatio > s.wire.at:
		return s.failure(fmt.Errorf("%w: it unpacks to more than %d times its size", ErrTooLarge, maxRatio))
	}
	return nil
}

// keepTail remembers an unfinished line. Where a body's end cannot be told from a
// broken connection, or a server ends a broken file properly, it is what shows it:
// the beginning of a JSON object is no JSON. A line that is too long is refused
// anyhow.
func (s *stream) keepTail(p []byte) {
	if i, n := newlines(p); n > 0 {
		s.lines += n
		s.tail, p = s.tail[:0], p[i+1:]
	}
	if len(s.tail) <= lineage.MaxLineBytes {
		s.tail = append(s.tail, p...)
	}
}

// newlines is where the last newline is, and how many there are. It goes forwards:
// lines of claims are long, and IndexByte is ten times as fast as LastIndexByte.
func newlines(p []byte) (last int, n int64) {
	last = -1
	for {
		i := bytes.IndexByte(p[last+1:], '\n')
		if i < 0 {
			return last, n
		}
		last += i + 1
		n++
	}
}

// lineCount is how many lines the file has up to where it is read, blank ones counted.
func (s *stream) lineCount() int64 {
	if len(s.tail) > 0 {
		return s.lines + 1
	}
	return s.lines
}

// cutLine reports whether the last line is the beginning of one.
func (s *stream) cutLine() bool {
	line := bytes.TrimSpace(s.tail)
	return len(line) > 0 && len(line) <= lineage.MaxLineBytes && !json.Valid(line)
}

var errCutLine = errors.New("it ends in the middle of a line")
