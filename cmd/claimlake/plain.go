package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// plain writes text for people. What a terminal would obey, or what would turn text
// around, is written as \u001b: nothing that a server, a file or a row says may move the
// cursor, rename the window or hide a word. Tabs and line ends stay. Everything that a
// command prints goes through it. It may be used concurrently.
type plain struct {
	out      io.Writer
	terminal bool

	mu     sync.Mutex
	rest   []byte // the beginning of a character whose end is yet to come
	failed error  // of the first write that failed
}

func newPlain(out io.Writer) *plain {
	f, ok := out.(*os.File)
	return &plain{out: out, terminal: ok && isTerminal(f)}
}

// Write implements io.Writer.
func (p *plain) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := slices.Concat(p.rest, text)
	whole := len(all) - openEnd(all)
	p.rest = slices.Clone(all[whole:])
	if _, err := p.out.Write(plainText(all[:whole])); err != nil {
		if p.failed == nil {
			p.failed = err
		}
		return 0, err
	}
	return len(text), nil
}

// lost is why not all was written, whether or not the writer looked; nil where all was.
func (p *plain) lost() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failed
}

// end writes what is left of a character that never ended.
func (p *plain) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, _ = p.out.Write(plainText(p.rest)) // nobody is left to be told
	p.rest = nil
}

// openEnd is how many bytes at the end of text begin a character that goes on.
func openEnd(text []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if tail := text[len(text)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}

// printable is text as plain writes it.
func printable(text string) string { return string(plainText([]byte(text))) }

func plainText(text []byte) (out []byte) {
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && n == 1:
			out = fmt.Appendf(out, `\x%02x`, text[0])
		case obeyed(r):
			out = fmt.Appendf(out, `\u%04x`, r)
		default:
			out = append(out, text[:n]...)
		}
		text = text[n:]
	}
	return out
}

// obeyed reports whether a terminal may do something else with r than show it: the
// control characters C0 and C1, DEL, and those that change the direction of text or
// where lines end (UAX #9; Unicode, 23.2).
func obeyed(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < 0x20, r >= 0x7f && r <= 0x9f:
		return true
	}
	return r == 0x061c || r == 0x200e || r == 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff
}

// dataOut is where a command writes rows or lines for other programs: as they are, but on
// a terminal.
func dataOut(cmd *cobra.Command) io.Writer {
	if p, ok := cmd.OutOrStdout().(*plain); ok && !p.terminal {
		return p.out
	}
	return cmd.OutOrStdout()
}
