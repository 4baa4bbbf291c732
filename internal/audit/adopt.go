package audit

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
)

// adopt settles what a crash left between an event's line and the head: a whole line
// behind the head counts, half a line was never recorded. Anything else is ErrAltered.
func (t *Trail) adopt(head Head) (Head, error) {
	files, err := filesOf(t.dir)
	if err != nil || len(files) == 0 {
		if head.Seq > 0 && err == nil {
			err = fmt.Errorf("%w: its files are gone; claimlake audit verify tells more", ErrAltered)
		}
		return head, err
	}
	path := files[len(files)-1]
	tail, start, err := tailOf(path)
	if err != nil {
		return head, err
	}
	if cut := bytes.LastIndexByte(tail, '\n') + 1; cut < len(tail) {
		if err := os.Truncate(path, start+int64(cut)); err != nil {
			return head, err
		}
		tail = tail[:cut]
	}
	if len(tail) == 0 && head.Seq >= head.First {
		return head, endsBefore(files, head)
	}
	lines := bytes.SplitAfter(tail, []byte("\n"))
	lines = lines[:len(lines)-1]
	if len(lines) == 0 || hashOf(lines[len(lines)-1]) == head.Hash {
		return head, nil
	}
	last := lines[len(lines)-1]
	if e, ok := parse(last, t.public()); ok && e.Seq == head.Seq+1 && e.Prev == head.Hash {
		head.Seq, head.Hash = e.Seq, hashOf(last)
		return head, nil
	}
	return head, fmt.Errorf("%w: the last line of %s is not what was recorded; claimlake audit verify tells more", ErrAltered, filepath.Base(path))
}

// endsBefore looks whether the file before the last one, which is empty, ends where the
// head says: a new file was begun, and its first event was never recorded.
func endsBefore(files []string, head Head) error {
	if n := len(files); n > 1 {
		tail, _, err := tailOf(files[n-2])
		if err != nil {
			return err
		}
		whole := bytes.TrimSuffix(tail, []byte("\n"))
		if hashOf(tail[bytes.LastIndexByte(whole, '\n')+1:]) == head.Hash {
			return nil
		}
	}
	return fmt.Errorf("%w: %s is empty; claimlake audit verify tells more", ErrAltered, filepath.Base(files[len(files)-1]))
}

// tailBytes is more than two lines ever have.
const tailBytes = 1 << 20

// tailOf is the end of a file, and where that begins. Its first line may lack its
// beginning.
func tailOf(path string) (tail []byte, start int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close() //nolint:errcheck // only read
	st, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	start = max(0, st.Size()-tailBytes)
	tail = make([]byte, st.Size()-start)
	_, err = f.ReadAt(tail, start)
	if len(tail) == 0 {
		err = nil
	}
	return tail, start, err
}
