package synth

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// fileBytes is about how long a file becomes before the next one starts.
const fileBytes = 256 << 20

// sink writes lines to one file per resource type at a time.
type sink struct {
	dir     string
	open    map[string]*output
	created []string
	summary Summary
}

type output struct {
	file  *os.File
	buf   *bufio.Writer
	bytes int64
	part  int
}

// newSink takes an empty folder, or makes one.
func newSink(dir string) (*sink, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("folder for synthetic claims: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("folder for synthetic claims: %w", err)
	}
	if len(entries) > 0 {
		return nil, fmt.Errorf("%s is not empty: choose an empty or new folder", dir)
	}
	return &sink{dir: dir, open: map[string]*output{}, summary: Summary{Resources: map[string]int64{}}}, nil
}

// put appends a line of a resource type.
func (s *sink) put(resourceType string, line []byte) error {
	out := s.open[resourceType]
	if out == nil || out.bytes >= fileBytes {
		var err error
		if out, err = s.next(resourceType, out); err != nil {
			return err
		}
	}
	n, err := out.buf.Write(line)
	out.bytes += int64(n)
	s.summary.Bytes += int64(n)
	s.summary.Resources[resourceType]++
	return err
}

func (s *sink) next(resourceType string, last *output) (*output, error) {
	part := 0
	if last != nil {
		part = last.part + 1
		if err := last.close(); err != nil {
			return nil, err
		}
	}
	name := fmt.Sprintf("%s.%03d.ndjson", resourceType, part)
	if resourceType == bundle {
		name = "deleted.ndjson"
	}
	path := filepath.Join(s.dir, name)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	s.created = append(s.created, path)
	out := &output{file: f, buf: bufio.NewWriterSize(f, 256<<10), part: part}
	s.open[resourceType] = out
	return out, nil
}

func (o *output) close() error {
	return errors.Join(o.buf.Flush(), o.file.Close())
}

// close ends all files. After a failure it removes them: half a population is of
// no use.
func (s *sink) close(failure error) error {
	errs := []error{failure}
	for _, out := range s.open {
		errs = append(errs, out.close())
	}
	err := errors.Join(errs...)
	if err == nil {
		return nil
	}
	for _, path := range s.created {
		err = errors.Join(err, os.Remove(path))
	}
	return fmt.Errorf("write synthetic claims: %w", err)
}
