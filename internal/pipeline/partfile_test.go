package pipeline

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/claimlake/claimlake/extract"
)

// A file that was being written when the process died goes on after what was
// durable of the same version, and else is written again.
func TestPartFileIsGoneOnWith(t *testing.T) {
	const ended = "{\"a\":1}\n" // a mark is between two lines
	const first, rest = ended + "{\"a\":", "2}\n{\"a\":3}\n"
	whole := first + rest
	for name, tc := range map[string]struct {
		version string
		between func(t *testing.T, p *partFile) // what happens to the file
		mark    extract.Mark
	}{
		"a version":         {`"1"`, nil, extract.Mark{Position: extract.Position{Line: 2, Offset: int64(len(ended))}, Token: `"1"`}},
		"no version":        {"", nil, extract.Mark{}},
		"bytes are missing": {`"1"`, func(t *testing.T, p *partFile) { must(t, os.Truncate(p.part(), 3)) }, extract.Mark{}},
		"a damaged mark":    {`"1"`, func(t *testing.T, p *partFile) { must(t, os.WriteFile(p.markPath(), []byte("{"), 0o600)) }, extract.Mark{}},
		"bytes beyond the mark": {`"1"`, func(t *testing.T, p *partFile) {
			f, err := os.OpenFile(p.part(), os.O_APPEND|os.O_WRONLY, 0)
			must(t, err)
			_, err = f.WriteString("garbage that was not durable")
			must(t, err)
			must(t, f.Close())
		}, extract.Mark{Position: extract.Position{Line: 2, Offset: int64(len(ended))}, Token: `"1"`}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "x.ndjson")
			begin := func() *partFile {
				return &partFile{path: path, id: "x", observer: quiet{}, every: 10, version: func() string { return tc.version }}
			}
			p := begin()
			if m := p.mark(); m != (extract.Mark{}) {
				t.Fatalf("mark %+v of nothing", m)
			}
			w, err := p.open(0)
			must(t, err)
			_, err = io.WriteString(w, first)
			must(t, err)
			if tc.between != nil {
				tc.between(t, p)
			}

			p = begin()
			m := p.mark()
			if m != tc.mark {
				t.Fatalf("mark %+v, want %+v", m, tc.mark)
			}
			w, err = p.open(m.Offset)
			must(t, err)
			_, err = io.WriteString(w, whole[m.Offset:])
			must(t, err)
			must(t, p.end())
			got, err := os.ReadFile(path)
			if err != nil || string(got) != whole || p.lines() != 3 {
				t.Errorf("%q, %d lines, %v", got, p.lines(), err)
			}
			if left, _ := filepath.Glob(path + ".*"); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		})
	}
}

// A server that has another version by now sends all of it.
func TestPartFileOfAnotherVersionBeginsAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.ndjson")
	p := &partFile{path: path, observer: quiet{}, every: 1, version: func() string { return `"1"` }}
	w, err := p.open(0)
	must(t, err)
	_, err = io.WriteString(w, "the old version, which is longer\n")
	must(t, err)
	p = &partFile{path: path, observer: quiet{}, every: 100, version: func() string { return `"2"` }}
	if p.mark().Offset == 0 {
		t.Fatal("no mark")
	}
	w, err = p.open(0)
	must(t, err)
	_, err = io.WriteString(w, "new")
	must(t, err)
	if m := (&partFile{path: path}).mark(); m != (extract.Mark{}) {
		t.Errorf("the old version's mark %+v is there still", m)
	}
	must(t, p.end())
	if got, err := os.ReadFile(path); err != nil || string(got) != "new" || p.lines() != 1 {
		t.Errorf("%q, %d lines, %v", got, p.lines(), err)
	}
}
