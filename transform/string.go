package transform

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// A byte in each of eight lanes of a word.
const (
	lanes    = 0x0101010101010101
	highBits = 0x8080808080808080
)

// special has a high bit in every lane of w whose byte ends plain text: a quote, a
// backslash, a control character or a byte beyond ASCII. Lanes above the first
// that is marked may be marked wrongly.
func special(w uint64) uint64 {
	quote, slash := w^(lanes*'"'), w^(lanes*'\\')
	return ((quote-lanes)&^quote | (slash-lanes)&^slash | (w-lanes*' ')&^w | w) & highBits
}

// text reads the string at the current position and checks every byte: escapes,
// control characters, UTF-8.
func (c *cursor) text() (span, bool) {
	c.pos++
	start, escaped, ascii := c.pos, false, true
	for {
		c.plain()
		if c.pos >= len(c.data) {
			return span{}, c.fail(ReasonTruncated)
		}
		switch b := c.data[c.pos]; {
		case b == '"':
			sp := span{start: uint32(start), end: uint32(c.pos), kind: kindText, escaped: escaped}
			c.pos++
			return sp, ascii || c.validUTF8(sp)
		case b == '\\':
			escaped = true
			if !c.escape() {
				return span{}, false
			}
		case b < ' ':
			return span{}, c.fail(ReasonControl)
		default:
			ascii = false
			c.pos++
		}
	}
}

// plain moves to the next byte that special marks, or to the end.
func (c *cursor) plain() {
	for c.pos+8 <= len(c.data) {
		if m := special(c.word(c.pos)); m != 0 {
			c.pos += bits.TrailingZeros64(m) / 8
			return
		}
		c.pos += 8
	}
	for c.pos < len(c.data) {
		if b := c.data[c.pos]; b == '"' || b == '\\' || b < ' ' || b >= utf8.RuneSelf {
			return
		}
		c.pos++
	}
}

func (c *cursor) validUTF8(sp span) bool {
	if utf8.Valid(c.data[sp.start:sp.end]) {
		return true
	}
	c.pos = int(sp.start)
	return c.fail(ReasonNotUTF8)
}

// escape checks the escape at the current position and moves past it.
func (c *cursor) escape() bool {
	c.pos++
	if c.pos >= len(c.data) {
		return c.fail(ReasonTruncated)
	}
	if c.data[c.pos] != 'u' {
		if bytes.IndexByte([]byte(`"\/bfnrt`), c.data[c.pos]) < 0 {
			return c.fail(ReasonEscape)
		}
		c.pos++
		return true
	}
	for range 4 {
		c.pos++
		if c.pos >= len(c.data) || hexValue(c.data[c.pos]) < 0 {
			return c.fail(ReasonEscape)
		}
	}
	c.pos++
	return true
}

// skipText moves past the string at the current position, of which no path
// wants anything: only its end matters.
func (c *cursor) skipText() bool {
	if c.strict > 0 {
		_, ok := c.text()
		return ok
	}
	c.pos++
	for {
		c.toQuote()
		if c.pos >= len(c.data) {
			return c.fail(ReasonTruncated)
		}
		if c.data[c.pos] == '"' {
			c.pos++
			return true
		}
		c.pos = min(c.pos+2, len(c.data))
	}
}

// toQuote moves to the next quote or backslash, or to the end.
func (c *cursor) toQuote() {
	for c.pos+8 <= len(c.data) {
		w := c.word(c.pos)
		quote, slash := w^(lanes*'"'), w^(lanes*'\\')
		if m := ((quote-lanes)&^quote | (slash-lanes)&^slash) & highBits; m != 0 {
			c.pos += bits.TrailingZeros64(m) / 8
			return
		}
		c.pos += 8
	}
	for c.pos < len(c.data) && c.data[c.pos] != '"' && c.data[c.pos] != '\\' {
		c.pos++
	}
}

// word loads 8 bytes.
func (c *cursor) word(at int) uint64 { return binary.LittleEndian.Uint64(c.data[at:]) }

// hexValue is the value of a hexadecimal digit; -1 for any other byte.
func hexValue(c byte) rune {
	switch {
	case '0' <= c && c <= '9':
		return rune(c - '0')
	case 'a' <= c && c <= 'f':
		return rune(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return rune(c-'A') + 10
	}
	return -1
}

// appendUnescaped appends the text of a JSON string that was checked. A surrogate
// without its pair becomes U+FFFD, as in encoding/json and gjson.
func appendUnescaped(dst, raw []byte) []byte {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' || i+1 == len(raw) {
			dst = append(dst, raw[i])
			continue
		}
		i++
		if raw[i] != 'u' {
			dst = append(dst, unescaped(raw[i]))
			continue
		}
		r := codeUnit(raw[i+1:])
		i += 4
		if utf16.IsSurrogate(r) {
			pair := utf8.RuneError
			if i+6 < len(raw) && raw[i+1] == '\\' && raw[i+2] == 'u' {
				pair = utf16.DecodeRune(r, codeUnit(raw[i+3:]))
			}
			if pair != utf8.RuneError {
				i += 6
			}
			r = pair
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// codeUnit reads the four digits after \u.
func codeUnit(raw []byte) rune {
	var r rune
	for _, c := range raw[:min(4, len(raw))] {
		r = r<<4 | max(hexValue(c), 0)
	}
	return r
}

// unescaped is the byte that a backslash and c stand for.
func unescaped(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}
