// Package durable is the way to disk of everything that must survive a crash: parts,
// snapshots, the archive, the quarantine, the ledger's file, the audit trail, keys.
//
//	file:   OpenFile → Write… → Sync → Close
//	name:   Rename, Link, Symlink, Remove → SyncDir of the folder
//	folder: MkdirAll, which does both
//	end:    Discard, which does both
//
// What was written is durable after Sync, and a name after SyncDir; before that, a crash
// may keep, lose or tear it. Tests watch the operations (see Watch), lose what was not
// synced, and start the program from that disk.
package durable

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// PartMark ends the name of a file that is not whole yet.
const PartMark = ".part"

// Write makes or replaces a file, mode 0600, that has its name only once all of it is
// durable. One that cannot be written whole does not stay.
func Write(path string, content []byte) error {
	f, err := OpenFile(path+PartMark, os.O_CREATE|os.O_TRUNC|os.O_WRONLY)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, Remove(path+PartMark))
	}
	if err := Rename(path+PartMark, path); err != nil {
		return errors.Join(err, Remove(path+PartMark))
	}
	return SyncDir(filepath.Dir(path))
}

// Create makes a file, mode 0600, that must not be there yet. One that cannot be
// written whole does not stay.
func Create(path string, content []byte) error {
	f, err := OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, Remove(path))
	}
	return SyncDir(filepath.Dir(path))
}

// Rename gives a file or folder another name, in place of a file that has it.
func Rename(from, to string) error {
	return do(Op{Kind: Renamed, Path: from, To: to}, func() error { return os.Rename(from, to) })
}

// Link gives a file another name.
func Link(from, to string) error {
	return do(Op{Kind: Linked, Path: from, To: to}, func() error { return os.Link(from, to) })
}

// Symlink makes a symbolic link to a target.
func Symlink(target, path string) error {
	return do(Op{Kind: Symlinked, Path: path, To: target}, func() error { return os.Symlink(target, path) })
}

// Remove removes a file, a link or an empty folder.
func Remove(path string) error {
	return do(Op{Kind: Removed, Path: path}, func() error { return os.Remove(path) })
}

// RemoveAll removes a folder with all that is in it, if it is there.
func RemoveAll(path string) error {
	return do(Op{Kind: Removed, Path: path}, func() error { return os.RemoveAll(path) })
}

// Discard removes a file, or a folder with all that is in it, if it is there. Once it has
// returned, nothing of that comes back, also if it was gone already.
func Discard(path string) error {
	if err := RemoveAll(path); err != nil {
		return err
	}
	if err := SyncDir(filepath.Dir(path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Mkdir makes a folder, mode 0700, and those above it. Their names are durable only once
// their parents are synced.
func Mkdir(path string) error {
	folders.Lock()
	defer folders.Unlock()
	made, err := missing(path)
	for _, dir := range made {
		if err == nil {
			err = mkdir(dir)
		}
	}
	return err
}

// MkdirAll makes a folder, mode 0700, and those above it, durably.
func MkdirAll(path string) error {
	folders.Lock()
	defer folders.Unlock()
	made, err := missing(path)
	for _, dir := range made {
		if err == nil {
			err = mkdir(dir)
		}
		if err == nil {
			err = SyncDir(filepath.Dir(dir))
		}
	}
	return err
}

// folders lets one goroutine make folders at a time: one that finds a folder made must not
// rely on it before the other has made its name durable.
var folders sync.Mutex

func mkdir(path string) error {
	return do(Op{Kind: MadeDir, Path: path}, func() error {
		err := os.Mkdir(path, 0o700)
		if st, statErr := os.Stat(path); errors.Is(err, fs.ErrExist) && statErr == nil && st.IsDir() {
			return nil // another process was faster
		}
		return err
	})
}

// missing lists the folders on a path that are not there, the topmost first.
func missing(path string) (dirs []string, err error) {
	for dir := filepath.Clean(path); ; dir = filepath.Dir(dir) {
		st, err := os.Stat(dir)
		switch {
		case err == nil && st.IsDir():
			return dirs, nil
		case err == nil:
			return nil, &fs.PathError{Op: "mkdir", Path: dir, Err: errNotFolder}
		case !errors.Is(err, fs.ErrNotExist):
			return nil, err
		}
		dirs = append([]string{dir}, dirs...)
	}
}

var errNotFolder = errors.New("there is a file of that name")

// SyncDir makes the names in a folder durable.
func SyncDir(dir string) error {
	return do(Op{Kind: SyncedDir, Path: dir}, func() error {
		d, err := os.Open(dir)
		if err != nil {
			return err
		}
		return errors.Join(d.Sync(), d.Close())
	})
}
