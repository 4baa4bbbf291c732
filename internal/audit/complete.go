package audit

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/claimlake/claimlake/internal/durable"
)

// ending is where a trail ends.
type ending struct {
	head Head   // of the last whole line
	last []byte // that line; nil for none
	path string // the last file; "" for none
	size int64  // where its whole lines end, bytes
	torn int64  // bytes after them: of a line that was begun, and never recorded
}

// ends finds where the trail ends. A crash, or a full disk, may come between a line and
// its head, and again at the next one: whole signed lines after the head's therefore
// count, however many. A line that is not whole was never recorded. Anything else is
// ErrAltered.
func (t *Trail) ends(head Head) (ending, error) {
	files, err := filesOf(t.dir)
	e := ending{head: head}
	if err != nil || len(files) == 0 {
		if err == nil && head.Seq >= head.First {
			err = fmt.Errorf("%w: its files are gone; claimlake audit verify tells more", ErrAltered)
		}
		return e, err
	}
	e.path = files[len(files)-1]
	tail, start, err := tailOf(e.path)
	if err != nil {
		return e, err
	}
	whole := wholeLines(tail)
	e.size, e.torn = start+int64(len(whole)), int64(len(tail)-len(whole))
	if last := lastLine(whole); len(last) > 0 && hashOf(last) == head.Hash {
		e.last = last
		return e, nil
	}
	return t.after(head, files, e)
}

// after takes up the lines after the head's.
func (t *Trail) after(head Head, files []string, e ending) (ending, error) {
	var lines [][]byte // from the head's own on
	found := head.Seq < head.First
	for n := len(files) - 1; n >= 0; n-- {
		text, err := os.ReadFile(files[n])
		if err != nil {
			return e, err
		}
		if n == len(files)-1 {
			text = text[:min(e.size, int64(len(text)))]
		}
		of := bytes.SplitAfter(text, newline)
		of = of[:len(of)-1]
		for i := len(of) - 1; i >= 0 && !found; i-- {
			if hashOf(of[i]) == head.Hash {
				of, found, e.last = of[i+1:], true, of[i]
			}
		}
		lines = append(append([][]byte{}, of...), lines...)
		if e.last != nil {
			break
		}
	}
	if !found {
		return e, fmt.Errorf("%w: event %d is not what was recorded, or gone; claimlake audit verify tells more", ErrAltered, head.Seq)
	}
	for _, line := range lines {
		event, ok := parse(line, t.public())
		if !ok || event.Seq != e.head.Seq+1 || event.Prev != e.head.Hash {
			return e, fmt.Errorf("%w: the line after event %d in %s is not what was recorded; claimlake audit verify tells more", ErrAltered, e.head.Seq, filepath.Base(e.path))
		}
		e.head.Seq, e.head.Hash, e.last = event.Seq, hashOf(line), line
	}
	return e, t.secure(e.path)
}

// secure makes lines durable that a process wrote before it died: a head that is written
// now says that they are there.
func (t *Trail) secure(path string) error {
	f, err := durable.OpenFile(path, os.O_WRONLY)
	if err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return durable.SyncDir(t.dir)
}

var newline = []byte{'\n'}

// wholeLines is text without the line at its end that is not whole: it has no end, or the
// zeros that a disk has for what did not reach it.
func wholeLines(text []byte) []byte {
	text = text[:bytes.LastIndexByte(text, '\n')+1]
	for last := lastLine(text); isTorn(last); last = lastLine(text) {
		text = text[:len(text)-len(last)]
	}
	return text
}

func isTorn(line []byte) bool { return bytes.IndexByte(line, 0) >= 0 }

// lastLine is the last of whole lines.
func lastLine(text []byte) []byte {
	return text[bytes.LastIndexByte(bytes.TrimSuffix(text, newline), '\n')+1:]
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
