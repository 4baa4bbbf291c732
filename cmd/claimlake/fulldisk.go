package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// fullDisk says what to do about a disk that is full, or a quota that is spent, and where;
// "" for any other error.
func fullDisk(err error) string {
	if !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, syscall.EDQUOT) {
		return ""
	}
	where := "the disk"
	link, ok := errors.AsType[*os.LinkError](err)
	if path, found := errors.AsType[*fs.PathError](err); found {
		where += " of " + path.Path
	} else if ok {
		where += " of " + link.New
	}
	return fmt.Sprintf("claimlake: %s is full: free some space there and run the same command again", where)
}
