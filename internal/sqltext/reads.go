package sqltext

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrNotReading says that a statement is none of those that only read.
var ErrNotReading = errors.New("only SELECT, SHOW, DESCRIBE of tables, EXPLAIN of queries, EXISTS and USE are allowed here")

var (
	readingVerbs = []string{"SELECT", "WITH", "FROM", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS", "USE"}

	// explained are the words by which the statement that EXPLAIN explains can begin.
	explained = []string{
		"SELECT", "WITH", "FROM", "INSERT", "CREATE", "ATTACH", "REPLACE", "ALTER", "DROP", "DETACH", "TRUNCATE", "RENAME", "EXCHANGE",
		"SYSTEM", "KILL", "BACKUP", "RESTORE", "OPTIMIZE", "SET", "GRANT", "REVOKE", "DELETE", "UPDATE", "MOVE", "CHECK", "WATCH",
		"EXECUTE", "UNDROP", "OVERRIDE", "BEGIN", "COMMIT", "ROLLBACK", "EXTERNAL", "COPY",
	}

	// outside are the functions that read files, call services or run models of theirs.
	// ClickHouse has no right for them.
	outside = []string{
		"FILE", "CATBOOSTEVALUATE", "AICLASSIFY", "AIEXTRACT", "AIGENERATE", "AITRANSLATE", "AIEMBED", "SHOWCERTIFICATE", "REVERSEDNSQUERY",
	}
)

// Reads returns an error if sql does more than read tables. sql is one statement, best as
// ClickHouse's formatQuery prints it: then ClickHouse's own parser has read it, and nothing
// is left in it that a lexer could mistake, such as comments, heredocs or other quotes.
func Reads(sql string) error {
	l := NewLexer(sql)
	var all []Token
	for t := l.Next(); t.Text != ""; t = l.Next() {
		if t.Text == "`" {
			// A quoted function is the same as any.
			t.Text = strings.ToUpper(strings.Trim(sql[t.Start:t.End], "`\""))
			if t.Text == "" {
				t.Text = "`"
			}
		}
		all = append(all, t)
	}
	first := slices.IndexFunc(all, func(t Token) bool { return t.Text != "(" })
	if first < 0 || !slices.Contains(readingVerbs, all[first].Text) {
		return ErrNotReading
	}
	switch verb := all[first].Text; {
	case verb == "EXPLAIN" && !explainsQuery(all[first+1:]), strings.HasPrefix(verb, "DESC") && !describesTable(all[first+1:]):
		return ErrNotReading
	}
	for i, t := range all[1:] {
		before := all[i].Text
		switch {
		case t.Text == "OUTFILE" && before == "INTO":
			return fmt.Errorf("INTO OUTFILE writes a file: %w", ErrNotReading)
		case t.Text == "(" && slices.Contains(outside, before):
			return fmt.Errorf("the function %s reaches beyond the tables: %w", strings.ToLower(before), ErrNotReading)
		case slices.Contains(outside, t.Text) && (before == "APPLY" || before == "(" && i > 0 && all[i-1].Text == "APPLY"):
			return fmt.Errorf("the function %s reaches beyond the tables: %w", strings.ToLower(t.Text), ErrNotReading)
		}
	}
	return nil
}

// explainsQuery reports whether what EXPLAIN explains is a query.
func explainsQuery(rest []Token) bool {
	i := slices.IndexFunc(rest, func(t Token) bool { return slices.Contains(explained, t.Text) })
	return i >= 0 && slices.Contains(readingVerbs, rest[i].Text)
}

// describesTable reports whether DESCRIBE names a table, or a query in brackets, and no
// table function.
func describesTable(rest []Token) bool {
	if len(rest) > 0 && rest[0].Text == "TABLE" {
		rest = rest[1:]
	}
	return len(rest) < 2 || rest[0].Text == "(" || !slices.ContainsFunc(rest[1:min(len(rest), 4)], func(t Token) bool { return t.Text == "(" })
}
