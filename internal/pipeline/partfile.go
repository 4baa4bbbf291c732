package pipeline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/durable"
)

// syncBytes is how much of a file is written before it becomes durable: what a crash
// costs.
const syncBytes = 32 << 20

// partFile is a file that is not whole yet: mode 0600, with .part after its name. Now
// and then what is written becomes durable, and a mark next to it says how much that is
// and of which version of the server's file, so that it can be gone on with.
type partFile struct {
	path     string // once it is whole
	id       string
	observer Observer
	version  func() string
	every    int64 // bytes between checkpoints

	file    *durable.File
	at      extract.Position // after the last byte
	ended   extract.Position // after the last line that is terminated: where it can be gone on
	unended bool             // the last line is not terminated
	synced  int64            // bytes that are durable
}

func (p *partFile) part() string     { return p.path + durable.PartMark }
func (p *partFile) markPath() string { return p.path + ".mark" }

// mark is how much is durable of an earlier attempt; zero for nothing.
func (p *partFile) mark() (m extract.Mark) {
	text, err := os.ReadFile(p.markPath())
	if err != nil || json.Unmarshal(text, &m) != nil {
		return extract.Mark{}
	}
	if st, err := os.Stat(p.part()); err != nil || st.Size() < m.Offset {
		return extract.Mark{}
	}
	p.at = m.Position
	return m
}

// open opens the file for what comes from an offset on.
func (p *partFile) open(offset int64) (w io.Writer, err error) {
	if offset != p.at.Offset {
		p.at = extract.Start
	}
	p.at.Line, p.synced = max(p.at.Line, 1), p.at.Offset
	p.ended = p.at
	if offset == 0 {
		if err := p.unmark(); err != nil {
			return nil, err
		}
	}
	if p.file, err = durable.OpenFile(p.part(), os.O_CREATE|os.O_WRONLY); err != nil {
		return nil, fmt.Errorf("write the export: %w", err)
	}
	if err := p.file.Truncate(offset); err != nil {
		return nil, fmt.Errorf("write the export: %w", err)
	}
	_, err = p.file.Seek(offset, io.SeekStart)
	return p, err
}

// Write implements io.Writer.
func (p *partFile) Write(b []byte) (int, error) {
	n, err := p.file.Write(b)
	lines := int64(bytes.Count(b[:n], []byte{'\n'}))
	p.at.Line += lines
	if lines > 0 {
		p.ended = extract.Position{Line: p.at.Line, Offset: p.at.Offset + int64(bytes.LastIndexByte(b[:n], '\n')) + 1}
	}
	p.at.Offset += int64(n)
	p.unended = n > 0 && b[n-1] != '\n'
	p.observer.Read(p.id, int64(n), lines)
	if err == nil && p.at.Offset-p.synced >= p.every {
		err = p.checkpoint()
	}
	return n, err
}

// checkpoint makes durable what is written, and only then says so.
func (p *partFile) checkpoint() error {
	p.synced = p.at.Offset
	version := p.version()
	if version == "" || p.ended.Offset == 0 {
		return nil
	}
	if err := p.file.Sync(); err != nil {
		return err
	}
	text, err := json.Marshal(extract.Mark{Position: p.ended, Token: version})
	if err != nil {
		return err
	}
	return durable.Write(p.markPath(), text)
}

// lines is the number of lines.
func (p *partFile) lines() int64 {
	if p.unended {
		return p.at.Line
	}
	return p.at.Line - 1
}

// close gives the file up, for now.
func (p *partFile) close() error {
	if p.file == nil {
		return nil
	}
	return p.file.Close()
}

// end makes the file, which is whole, durable, and gives it its name.
func (p *partFile) end() error {
	if err := errors.Join(p.file.Sync(), p.file.Close(), p.unmark()); err != nil {
		return fmt.Errorf("write the export: %w", err)
	}
	if err := durable.Rename(p.part(), p.path); err != nil {
		return fmt.Errorf("write the export: %w", err)
	}
	return durable.SyncDir(filepath.Dir(p.path))
}

// unmark removes the mark, durably: one that came back would be of other bytes.
func (p *partFile) unmark() error {
	if err := durable.Discard(p.markPath()); err != nil {
		return fmt.Errorf("write the export: %w", err)
	}
	return nil
}
