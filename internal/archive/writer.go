package archive

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"

	"github.com/claimlake/claimlake/internal/durable"
	"github.com/klauspost/compress/zstd"
)

// Writer adds pages of a run. It belongs to one worker.
type Writer struct {
	dir  Dir
	run  string
	file *durable.File // nil until the first page since the last Flush
	at   int64
	zstd *zstd.Encoder
	buf  []byte // compressed
}

// NewWriter makes a writer for a run.
func (d Dir) NewWriter(run string) (*Writer, error) {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	return &Writer{dir: d, run: run, zstd: z}, nil
}

// Add adds a page. It is durable after the next Flush.
func (w *Writer) Add(data []byte) (Place, error) {
	if err := w.open(); err != nil {
		return Place{}, fmt.Errorf("archive: %w", err)
	}
	w.buf = w.zstd.EncodeAll(data, w.buf[:0])
	p, frame := Place{Path: path.Join(w.run, filepath.Base(w.file.Name())), Position: w.at}, w.buf
	if w.dir.keys != nil {
		var err error
		if frame, err = w.dir.keys.Seal(w.buf, p.name()); err != nil {
			return Place{}, fmt.Errorf("archive: %w", err)
		}
	}
	p.Size = int64(len(frame))
	n, err := w.file.Write(frame)
	w.at += int64(n)
	if err != nil {
		return Place{}, fmt.Errorf("archive: %w", err)
	}
	return p, nil
}

func (w *Writer) open() (err error) {
	if w.file != nil {
		return nil
	}
	dir := filepath.Join(w.dir.path, w.run)
	if err := durable.Mkdir(dir); err != nil {
		return err
	}
	pattern := plainFile
	if w.dir.keys != nil {
		pattern = sealedFile
	}
	w.file, err = durable.CreateTemp(dir, pattern)
	w.at = 0
	return err
}

// Flush makes what was added durable.
func (w *Writer) Flush() error {
	if w.file == nil {
		return nil
	}
	err := errors.Join(w.file.Sync(), w.file.Close())
	if err != nil {
		err = errors.Join(err, durable.Remove(w.file.Name()))
	}
	w.file = nil
	for _, dir := range []string{filepath.Join(w.dir.path, w.run), w.dir.path, filepath.Dir(w.dir.path)} {
		err = errors.Join(err, durable.SyncDir(dir))
	}
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	return nil
}

// Close gives up what was not flushed.
func (w *Writer) Close() error {
	if w.file == nil {
		return nil
	}
	err := errors.Join(w.file.Close(), durable.Remove(w.file.Name()))
	w.file = nil
	return err
}
