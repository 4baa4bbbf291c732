package fhirpath

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// SyntaxError is a mistake in an expression.
type SyntaxError struct {
	Expr   string
	Column int // of the first character that is wrong, from 1
	Reason string
}

// Error implements error.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("FHIRPath %q, column %d: %s", e.Expr, e.Column, e.Reason)
}

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenName
	tokenString
	tokenNumber
	tokenTemporal // @2024-01-01, @T12:00
	tokenConstant // %name
	tokenThis     // $this
	tokenSymbol
)

// token is one word of an expression. text is decoded: without quotes, escapes, @
// and %.
type token struct {
	kind   tokenKind
	text   string
	at     int // byte offset
	quoted bool
}

// lexer splits an expression into tokens (FHIRPath, "Lexical Elements").
type lexer struct {
	expr string
	pos  int
}

func (l *lexer) fail(at int, format string, args ...any) *SyntaxError {
	return &SyntaxError{Expr: l.expr, Column: utf8.RuneCountInString(l.expr[:at]) + 1, Reason: fmt.Sprintf(format, args...)}
}

func (l *lexer) next() (token, error) {
	if err := l.space(); err != nil {
		return token{}, err
	}
	at := l.pos
	if at == len(l.expr) {
		return token{kind: tokenEnd, at: at}, nil
	}
	switch c := l.expr[at]; {
	case isLetter(c):
		return token{kind: tokenName, text: l.while(isWord), at: at}, nil
	case isDigit(c):
		return token{kind: tokenNumber, text: l.number(), at: at}, nil
	case c == '\'':
		return l.quoted('\'', tokenString)
	case c == '`':
		return l.quoted('`', tokenName)
	case c == '@':
		l.pos++
		if text := l.while(isTemporal); text != "" {
			return token{kind: tokenTemporal, text: text, at: at}, nil
		}
		return token{}, l.fail(at, "a date or time must follow @")
	case c == '%':
		return l.constant(at)
	case c == '$':
		l.pos++
		if word := l.while(isWord); word != "this" {
			return token{}, l.fail(at, "$%s is not supported in a view; $this is", word)
		}
		return token{kind: tokenThis, at: at}, nil
	}
	return l.symbol(at)
}

func (l *lexer) constant(at int) (token, error) {
	l.pos++
	if l.pos < len(l.expr) && (l.expr[l.pos] == '`' || l.expr[l.pos] == '\'') {
		t, err := l.quoted(l.expr[l.pos], tokenConstant)
		t.at = at
		return t, err
	}
	if name := l.while(isWord); name != "" {
		return token{kind: tokenConstant, text: name, at: at}, nil
	}
	return token{}, l.fail(at, "a constant's name must follow %%")
}

var symbols = []string{"<=", ">=", "!=", "!~", "(", ")", "[", "]", "{", "}", ".", ",", "=", "<", ">", "~", "+", "-", "*", "/", "&", "|"}

func (l *lexer) symbol(at int) (token, error) {
	for _, s := range symbols {
		if strings.HasPrefix(l.expr[at:], s) {
			l.pos += len(s)
			return token{kind: tokenSymbol, text: s, at: at}, nil
		}
	}
	r, _ := utf8.DecodeRuneInString(l.expr[at:])
	return token{}, l.fail(at, "unexpected character %q", r)
}

// space skips white space and comments.
func (l *lexer) space() error {
	for l.pos < len(l.expr) {
		rest := l.expr[l.pos:]
		switch {
		case strings.ContainsRune(" \t\r\n", rune(rest[0])):
			l.pos++
		case strings.HasPrefix(rest, "//"):
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				end = len(rest)
			}
			l.pos += end
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest, "*/")
			if end < 0 {
				return l.fail(l.pos, "the comment does not end")
			}
			l.pos += end + 2
		default:
			return nil
		}
	}
	return nil
}

func (l *lexer) while(ok func(byte) bool) string {
	start := l.pos
	for l.pos < len(l.expr) && ok(l.expr[l.pos]) {
		l.pos++
	}
	return l.expr[start:l.pos]
}

func (l *lexer) number() string {
	start := l.pos
	l.while(isDigit)
	if l.pos+1 < len(l.expr) && l.expr[l.pos] == '.' && isDigit(l.expr[l.pos+1]) {
		l.pos++
		l.while(isDigit)
	}
	return l.expr[start:l.pos]
}

var escapes = map[byte]string{'\'': "'", '"': `"`, '`': "`", '\\': `\`, '/': "/", 'r': "\r", 'n': "\n", 't': "\t", 'f': "\f"}

func (l *lexer) quoted(quote byte, kind tokenKind) (token, error) {
	at := l.pos
	var b strings.Builder
	for l.pos++; l.pos < len(l.expr); l.pos++ {
		switch c := l.expr[l.pos]; c {
		case quote:
			l.pos++
			return token{kind: kind, text: b.String(), at: at, quoted: true}, nil
		case '\\':
			if err := l.escape(&b); err != nil {
				return token{}, err
			}
		default:
			b.WriteByte(c)
		}
	}
	return token{}, l.fail(at, "the quoted text does not end")
}

// escape decodes one escape and leaves the position at its last byte.
func (l *lexer) escape(b *strings.Builder) error {
	at := l.pos
	l.pos++
	if l.pos == len(l.expr) {
		return l.fail(at, "the escape does not end")
	}
	if text, ok := escapes[l.expr[l.pos]]; ok {
		b.WriteString(text)
		return nil
	}
	var r rune
	if l.expr[l.pos] == 'u' && l.pos+4 < len(l.expr) {
		if n, err := fmt.Sscanf(l.expr[l.pos+1:l.pos+5], "%04x", &r); n == 1 && err == nil {
			b.WriteRune(r)
			l.pos += 4
			return nil
		}
	}
	return l.fail(at, "unknown escape")
}

func isLetter(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func isDigit(c byte) bool    { return '0' <= c && c <= '9' }
func isWord(c byte) bool     { return isLetter(c) || isDigit(c) }
func isTemporal(c byte) bool { return isDigit(c) || strings.IndexByte("-:.T+Z", c) >= 0 }
