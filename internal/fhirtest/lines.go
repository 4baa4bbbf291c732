package fhirtest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
)

// lines yields the lines of r, each with its '\n' but possibly the last. A line
// is valid until the next. Only the longest line is held in memory.
func lines(r io.Reader) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		buffered := bufio.NewReaderSize(r, 256<<10)
		var long []byte
		for {
			line, err := buffered.ReadSlice('\n')
			if errors.Is(err, bufio.ErrBufferFull) {
				long = append(long, line...)
				continue
			}
			if len(long) > 0 {
				long = append(long, line...)
				line = long
			}
			if len(line) > 0 && !yield(line, nil) {
				return
			}
			long = long[:0]
			if err != nil {
				if err != io.EOF {
					yield(nil, err)
				}
				return
			}
		}
	}
}

// fileLines yields the lines of a file.
func fileLines(path string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		f, err := os.Open(path)
		if err != nil {
			yield(nil, fmt.Errorf("read NDJSON: %w", err))
			return
		}
		defer func() { _ = f.Close() }()
		lines(f)(yield)
	}
}

func blank(line []byte) bool { return len(bytes.TrimSpace(line)) == 0 }
