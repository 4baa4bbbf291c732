package durable

import (
	"errors"
	"os"
)

// File is a file that is being written.
type File struct{ f *os.File }

// OpenFile opens a file, mode 0600, with the flags of os.OpenFile.
func OpenFile(path string, flag int) (*File, error) {
	f := &File{}
	err := do(Op{Kind: Opened, Path: path, File: f, Flag: flag}, func() (err error) {
		f.f, err = os.OpenFile(path, flag, 0o600)
		return err
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// CreateTemp makes a new file, mode 0600, with a name as os.CreateTemp makes it.
func CreateTemp(dir, pattern string) (*File, error) {
	made, err := os.CreateTemp(dir, pattern)
	if err != nil {
		return nil, err
	}
	f := &File{f: made}
	if err := do(Op{Kind: Opened, Path: made.Name(), File: f, Flag: os.O_CREATE | os.O_EXCL}, func() error { return nil }); err != nil {
		return nil, errors.Join(err, made.Close(), os.Remove(made.Name()))
	}
	return f, nil
}

// Name is the path that the file was opened with.
func (f *File) Name() string { return f.f.Name() }

// Write implements io.Writer.
func (f *File) Write(b []byte) (n int, err error) {
	err = do(Op{Kind: Wrote, Path: f.Name(), File: f, Data: b, Offset: -1}, func() error {
		n, err = f.f.Write(b)
		return err
	})
	if short, ok := errors.AsType[*Short](err); ok {
		n, _ = f.f.Write(b[:short.N])
	}
	return n, err
}

// WriteAt implements io.WriterAt.
func (f *File) WriteAt(b []byte, offset int64) (n int, err error) {
	err = do(Op{Kind: Wrote, Path: f.Name(), File: f, Data: b, Offset: offset}, func() error {
		n, err = f.f.WriteAt(b, offset)
		return err
	})
	if short, ok := errors.AsType[*Short](err); ok {
		n, _ = f.f.WriteAt(b[:short.N], offset)
	}
	return n, err
}

// Seek implements io.Seeker.
func (f *File) Seek(offset int64, whence int) (at int64, err error) {
	if at, err = f.f.Seek(offset, whence); err == nil {
		err = do(Op{Kind: Sought, Path: f.Name(), File: f, Offset: at}, func() error { return nil })
	}
	return at, err
}

// Truncate cuts the file off, or adds zeros to it.
func (f *File) Truncate(size int64) error {
	return do(Op{Kind: Truncated, Path: f.Name(), File: f, Offset: size}, func() error { return f.f.Truncate(size) })
}

// Size is the file's length in bytes.
func (f *File) Size() (int64, error) {
	st, err := f.f.Stat()
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}

// Sync makes what was written durable.
func (f *File) Sync() error {
	return do(Op{Kind: Synced, Path: f.Name(), File: f}, f.f.Sync)
}

// Close closes the file. What was not synced may be lost.
func (f *File) Close() error { return f.f.Close() }
