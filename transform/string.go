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
func (s *scan) text() (span, bool) {
	s.pos++
	start, escaped, ascii := s.pos, false, true
	for {
		s.plain()
		if s.pos >= len(s.data) {
			return span{}, s.fail(ReasonTruncated)
		}
		switch c := s.data[s.pos]; {
		case c == '"':
			sp := span{start: uint32(start), end: uint32(s.pos), kind: kindText, escaped: escaped}
			s.pos++
			return sp, ascii || s.validUTF8(sp)
		case c == '\\':
			escaped = true
			if !s.escape() {
				return span{}, false
			}
		case c < ' ':
			return span{}, s.fail(ReasonControl)
		default:
			ascii = false
			s.pos++
		}
	}
}

// plain moves to the next byte that special marks, or to the end.
func (s *scan) plain() {
	for s.pos+8 <= len(s.data) {
		if m := special(s.word(s.pos)); m != 0 {
			s.pos += bits.TrailingZeros64(m) / 8
			return
		}
		s.pos += 8
	}
	for s.pos < len(s.data) {
		if c := s.data[s.pos]; c == '"' || c == '\\' || c < ' ' || c >= utf8.RuneSelf {
			return
		}
		s.pos++
	}
}

func (s *scan) validUTF8(sp span) bool {
	if utf8.Valid(s.data[sp.start:sp.end]) {
		return true
	}
	s.pos = int(sp.start)
	return s.fail(ReasonNotUTF8)
}

// escape checks the escape at the current position and moves past it.
func (s *scan) escape() bool {
	s.pos++
	if s.pos >= len(s.data) {
		return s.fail(ReasonTruncated)
	}
	if s.data[s.pos] != 'u' {
		if bytes.IndexByte([]byte(`"\/bfnrt`), s.data[s.pos]) < 0 {
			return s.fail(ReasonEscape)
		}
		s.pos++
		return true
	}
	for range 4 {
		s.pos++
		if s.pos >= len(s.data) || hexValue(s.data[s.pos]) < 0 {
			return s.fail(ReasonEscape)
		}
	}
	s.pos++
	return true
}

// skipText moves past the string at the current position, of which no path
// wants anything: only its end matters.
func (s *scan) skipText() bool {
	if s.strict > 0 {
		_, ok := s.text()
		return ok
	}
	s.pos++
	for {
		s.toQuote()
		if s.pos >= len(s.data) {
			return s.fail(ReasonTruncated)
		}
		if s.data[s.pos] == '"' {
			s.pos++
			return true
		}
		s.pos = min(s.pos+2, len(s.data))
	}
}

// toQuote moves to the next quote or backslash, or to the end.
func (s *scan) toQuote() {
	for s.pos+8 <= len(s.data) {
		w := s.word(s.pos)
		quote, slash := w^(lanes*'"'), w^(lanes*'\\')
		if m := ((quote-lanes)&^quote | (slash-lanes)&^slash) & highBits; m != 0 {
			s.pos += bits.TrailingZeros64(m) / 8
			return
		}
		s.pos += 8
	}
	for s.pos < len(s.data) && s.data[s.pos] != '"' && s.data[s.pos] != '\\' {
		s.pos++
	}
}

// word loads 8 bytes.
func (s *scan) word(at int) uint64 { return binary.LittleEndian.Uint64(s.data[at:]) }

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
