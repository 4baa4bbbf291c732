package parquet

import (
	"errors"
	"os"
	"path/filepath"
)

// syncDir makes the names in a folder durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// writeFile writes a small file so that after a crash it is there as a whole or
// not at all.
func writeFile(path string, content []byte) error {
	f, err := os.OpenFile(path+tempMark, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+tempMark, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}
