package durabletest

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"syscall"

	"github.com/claimlake/claimlake/internal/durable"
)

// existing are the steps that make a folder as it is, durably.
func existing(root string) (steps []Step) {
	dirs, inodes := []string{"."}, map[uint64]string{}
	do := func(op durable.Op) { steps = append(steps, Step{Op: op}) }
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		switch st, err := d.Info(); {
		case err != nil:
			return err
		case d.IsDir():
			dirs = append(dirs, name)
			do(durable.Op{Kind: durable.MadeDir, Path: name})
		case d.Type() == fs.ModeSymlink:
			target, err := os.Readlink(filepath.Join(root, name))
			do(durable.Op{Kind: durable.Symlinked, Path: name, To: target})
			return err
		default:
			inode := st.Sys().(*syscall.Stat_t).Ino //nolint:forcetypeassert // it is one
			if first, ok := inodes[inode]; ok {
				do(durable.Op{Kind: durable.Linked, Path: first, To: name})
				return nil
			}
			inodes[inode] = name
			content, err := os.ReadFile(filepath.Join(root, name))
			f := &durable.File{}
			do(durable.Op{Kind: durable.Opened, Path: name, File: f})
			do(durable.Op{Kind: durable.Wrote, Path: name, File: f, Data: content})
			do(durable.Op{Kind: durable.Synced, Path: name, File: f})
			return err
		}
		return nil
	})
	if err != nil {
		panic("durabletest: " + err.Error())
	}
	for _, dir := range dirs {
		do(durable.Op{Kind: durable.SyncedDir, Path: path.Clean(dir)})
	}
	return steps
}
