package embedded

import (
	"strings"
)

// statement is what the HTTP interface must know of a query before it runs.
type statement struct {
	sql    string // without what follows FORMAT or VALUES in an insert
	verb   string // the first word, such as SELECT
	format string // of FORMAT at the end; "" when there is none

	// For an insert whose rows come with the request:
	insert bool
	infile int    // where FROM INFILE belongs in sql
	data   string // rows that stand in the query's own text
}

// parseStatement looks at one query. The errors are ClickHouse's: several
// statements at once, and the clauses that would read or write files of this
// machine (a server's HTTP interface refuses the same).
func parseStatement(sql string) (statement, error) {
	st := statement{sql: sql}
	if strings.IndexByte(sql, 0) >= 0 && !strings.Contains(strings.ToUpper(sql), "FORMAT") {
		return st, exception(62, "SYNTAX_ERROR", "Syntax error: NUL in the query")
	}
	l := &lexer{sql: sql}
	depth, selects, settings, last := 0, false, -1, token{}
	for t := l.next(); t.text != ""; t = l.next() {
		switch {
		case t.text == ";":
			st.sql = sql[:t.start]
			return st, onlyBlank(l)
		case st.verb == "" && t.text != "(":
			st.verb = t.text
		case t.text == "(":
			depth++
		case t.text == ")":
			depth--
		case t.text == "OUTFILE" && last.text == "INTO", t.text == "INFILE" && last.text == "FROM":
			return st, exception(48, "NOT_IMPLEMENTED", "INTO OUTFILE and FROM INFILE are not available over HTTP")
		case depth == 0 && t.text == "SETTINGS" && settings < 0:
			settings = t.start
		case depth == 0 && (t.text == "SELECT" || t.text == "WITH"):
			selects = true
		case depth == 0 && st.verb == "INSERT" && !selects && t.text == "VALUES":
			return st.withData(t.start, t.end, settings, "Values"), nil
		case depth == 0 && last.text == "FORMAT" && st.verb == "INSERT" && !selects:
			return st.withData(last.start, t.end, settings, sql[t.start:t.end]), nil
		case depth == 0 && last.text == "FORMAT":
			st.format = sql[t.start:t.end]
		}
		last = t
	}
	return st, nil
}

// withData cuts an insert at its FORMAT or VALUES clause, which begins at
// clause; its rows begin at data.
func (st statement) withData(clause, data, settings int, format string) statement {
	st.insert, st.format = true, format
	st.data = strings.TrimLeft(st.sql[data:], " \t")
	st.data = strings.TrimPrefix(strings.TrimPrefix(st.data, "\r"), "\n")
	st.sql = st.sql[:clause]
	st.infile = clause
	if settings >= 0 && settings < clause {
		st.infile = settings
	}
	return st
}

// fromFile is the insert with its rows taken from a file of this machine.
func (st statement) fromFile(path string) string {
	return st.sql[:st.infile] + " FROM INFILE '" + path + "' " + st.sql[st.infile:] + " FORMAT " + st.format
}

// streams reports whether the engine can yield the result in pieces.
func (st statement) streams() bool { return st.verb == "SELECT" || st.verb == "WITH" }

func onlyBlank(l *lexer) error {
	for t := l.next(); t.text != ""; t = l.next() {
		if t.text != ";" {
			return exception(62, "SYNTAX_ERROR", "Syntax error: several statements in one query are not allowed")
		}
	}
	return nil
}
