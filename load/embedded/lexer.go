package embedded

import "strings"

// lexer cuts SQL into the tokens that statement needs: words, semicolons,
// brackets. Strings, quoted names and comments are skipped, so that nothing in
// them is mistaken for SQL.
type lexer struct {
	sql string
	pos int
}

// token is a word (upper-cased), a single punctuation byte, or "'" for a
// string and "`" for a quoted name; "" at the end.
type token struct {
	text       string
	start, end int
}

func (l *lexer) next() token {
	l.skipBlank()
	start := l.pos
	if start >= len(l.sql) {
		return token{start: start, end: start}
	}
	c := l.sql[start]
	switch {
	case isWord(c):
		for l.pos < len(l.sql) && (isWord(l.sql[l.pos])) {
			l.pos++
		}
		return token{text: strings.ToUpper(l.sql[start:l.pos]), start: start, end: l.pos}
	case c == '\'' || c == '"' || c == '`':
		l.skipQuoted(c)
		kind := "`"
		if c == '\'' {
			kind = "'"
		}
		return token{text: kind, start: start, end: l.pos}
	case c == '$' && l.skipHeredoc():
		return token{text: "'", start: start, end: l.pos}
	}
	l.pos++
	return token{text: l.sql[start:l.pos], start: start, end: l.pos}
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// skipBlank passes white space and comments: --, #!, "# " and /* */, which
// ClickHouse nests.
func (l *lexer) skipBlank() {
	for l.pos < len(l.sql) {
		rest := l.sql[l.pos:]
		switch {
		case strings.IndexByte(" \t\r\n\f\v", rest[0]) >= 0:
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

func (l *lexer) skipComment() {
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
func (l *lexer) skipQuoted(quote byte) {
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
func (l *lexer) skipHeredoc() bool {
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

// skipTo moves behind the next mark at or after from, or to the end.
func (l *lexer) skipTo(mark string, from int) {
	if i := strings.Index(l.sql[from:], mark); i >= 0 {
		l.pos = from + i + len(mark)
		return
	}
	l.pos = len(l.sql)
}
