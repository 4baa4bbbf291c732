package fhirtest

import (
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// gzips keeps compressed copies of files: each is made once, so that a
// benchmark's server does not compress while it is measured.
type gzips struct {
	temp string

	mu   sync.Mutex // of what follows
	made map[gzipKey]func() (stamp, error)
}

type gzipKey struct {
	stamp
	offset, length int64
}

func newGzips(temp string) *gzips {
	return &gzips{temp: temp, made: map[gzipKey]func() (stamp, error){}}
}

// of returns f compressed.
func (g *gzips) of(f outputFile) (outputFile, error) {
	key := gzipKey{f.content, f.offset, f.length}
	g.mu.Lock()
	compressed, ok := g.made[key]
	if !ok {
		compressed = sync.OnceValues(func() (stamp, error) { return g.compress(f) })
		g.made[key] = compressed
	}
	g.mu.Unlock()
	st, err := compressed()
	if err != nil {
		return outputFile{}, fmt.Errorf("compress a file: %w", err)
	}
	f.content, f.offset, f.length = st, 0, st.size
	return f, nil
}

func (g *gzips) compress(f outputFile) (stamp, error) {
	in, err := os.Open(f.content.path)
	if err != nil {
		return stamp{}, err
	}
	defer func() { _ = in.Close() }()
	out, err := os.CreateTemp(g.temp, "*.gz")
	if err != nil {
		return stamp{}, err
	}
	defer func() { _ = out.Close() }()
	w, err := gzip.NewWriterLevel(out, gzip.BestSpeed)
	if err != nil {
		return stamp{}, err
	}
	if _, err := io.Copy(w, io.NewSectionReader(in, f.offset, f.length)); err != nil {
		return stamp{}, err
	}
	if err := w.Close(); err != nil {
		return stamp{}, err
	}
	return stampOf(out.Name())
}
