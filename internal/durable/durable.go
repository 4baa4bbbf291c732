// Package durable writes small files so that after a crash they are there as a whole or
// not at all.
package durable

import (
	"errors"
	"os"
	"path/filepath"
)

// PartMark is behind the name of a file that is not whole yet.
const PartMark = ".part"

// Write makes or replaces a file, mode 0600, that has its name only once all of it is
// on disk.
func Write(path string, content []byte) error {
	f, err := os.OpenFile(path+PartMark, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+PartMark, path); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// Create makes a file, mode 0600, that must not be there yet. One that cannot be
// written whole does not stay.
func Create(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return SyncDir(filepath.Dir(path))
}

// SyncDir makes the names in a folder durable.
func SyncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
