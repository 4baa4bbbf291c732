package transform

import (
	"unicode/utf16"
	"unicode/utf8"
)

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
