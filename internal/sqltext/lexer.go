package sqltext

import "strings"

// Lexer cuts SQL into words, punctuation, strings and quoted names. Comments are skipped.
type Lexer struct {
	sql string
	pos int
}

// NewLexer begins at the start of sql.
func NewLexer(sql string) *Lexer { return &Lexer{sql: sql} }

// Token is a word (upper-cased), a single punctuation byte, or "'" for a
// string and "`" for a quoted name; "" at the end. Start and End are its place in bytes.
type Token struct {
	Text       string
	Start, End int
}

// Next is the next token.
func (l *Lexer) Next() Token {
	l.skipBlank()
	start := l.pos
	if start >= len(l.sql) {
		return Token{Start: start, End: start}
	}
	c := l.sql[start]
	switch {
	case isWord(c):
		for l.pos < len(l.sql) && (isWord(l.sql[l.pos])) {
			l.pos++
		}
		return Token{Text: strings.ToUpper(l.sql[start:l.pos]), Start: start, End: l.pos}
	case c == '\'' || c == '"' || c == '`':
		l.skipQuoted(c)
		kind := "`"
		if c == '\'' {
			kind = "'"
		}
		return Token{Text: kind, Start: start, End: l.pos}
	case c == '$' && l.skipHeredoc():
		return Token{Text: "'", Start: start, End: l.pos}
	}
	l.pos++
	return Token{Text: l.sql[start:l.pos], Start: start, End: l.pos}
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// skipBlank passes white space and comments: --, #!, "# " and /* */, which
// ClickHouse nests.
func (l *Lexer) skipBlank() {
	for l.pos < len(l.sql) {
		rest := l.sql[l.pos:]
		switch {
		case strings.IndexByte(" \t\r\n\f\v\x00", rest[0]) >= 0:
			l.pos++
		case strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "#!"), strings.HasPrefix(rest, "# "):
			l.skipTo("\n", l.pos)
		case strings.HasPrefix(rest, "/*"):
			l.skipComment()
		default:
			return
		}
	}
}

func (l *Lexer) skipComment() {
	for depth := 0; l.pos < len(l.sql); {
		rest := l.sql[l.pos:]
		switch {
		case strings.HasPrefix(rest, "/*"):
			depth++
			l.pos += 2
		case strings.HasPrefix(rest, "*/"):
			depth--
			l.pos += 2
		default:
			l.pos++
		}
		if depth == 0 {
			return
		}
	}
}

// skipQuoted passes a quoted text; a backslash takes the next byte along, and
// a doubled quote reads as the end of one text and the start of another.
func (l *Lexer) skipQuoted(quote byte) {
	for l.pos++; l.pos < len(l.sql); l.pos++ {
		switch l.sql[l.pos] {
		case '\\':
			l.pos++
		case quote:
			l.pos++
			return
		}
	}
	l.pos = len(l.sql)
}

// skipHeredoc passes $tag$text$tag$ and reports whether there was one.
func (l *Lexer) skipHeredoc() bool {
	end := strings.IndexByte(l.sql[l.pos+1:], '$')
	if end < 0 {
		return false
	}
	tag := l.sql[l.pos : l.pos+end+2]
	for i := 1; i < len(tag)-1; i++ {
		if !isWord(tag[i]) {
			return false
		}
	}
	if !strings.Contains(l.sql[l.pos+len(tag):], tag) {
		return false
	}
	l.skipTo(tag, l.pos+len(tag))
	return true
}

// skipTo moves past the next mark at or after from, or to the end.
func (l *Lexer) skipTo(mark string, from int) {
	if i := strings.Index(l.sql[from:], mark); i >= 0 {
		l.pos = from + i + len(mark)
		return
	}
	l.pos = len(l.sql)
}
