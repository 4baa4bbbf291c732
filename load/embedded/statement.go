package embedded

import (
	"fmt"
	"strings"

	"github.com/claimlake/claimlake/internal/sqltext"
)

// statement is what the HTTP interface must know of a query before it runs.
type statement struct {
	sql    string // without what follows FORMAT or VALUES in an insert
	verb   string // the first word, such as SELECT
	format string // of FORMAT at the end; "" when there is none
	output int    // where FORMAT is, or the end

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
	l := sqltext.NewLexer(sql)
	depth, selects, settings, last := 0, false, -1, sqltext.Token{}
	for t := l.Next(); t.Text != ""; t = l.Next() {
		switch {
		case t.Text == ";":
			st.sql = sql[:t.Start]
			return st, onlyBlank(l)
		case st.verb == "" && t.Text != "(":
			st.verb = t.Text
		case t.Text == "(":
			depth++
		case t.Text == ")":
			depth--
		case t.Text == "OUTFILE" && last.Text == "INTO", t.Text == "INFILE" && last.Text == "FROM":
			return st, exception(48, "NOT_IMPLEMENTED", "INTO OUTFILE and FROM INFILE are not available over HTTP")
		case depth == 0 && t.Text == "SETTINGS" && settings < 0:
			settings = t.Start
		case depth == 0 && (t.Text == "SELECT" || t.Text == "WITH"):
			selects = true
		case depth == 0 && st.verb == "INSERT" && !selects && t.Text == "VALUES":
			return st.withData(t.Start, t.End, settings, "Values"), nil
		case depth == 0 && last.Text == "FORMAT" && st.verb == "INSERT" && !selects:
			return st.withData(last.Start, t.End, settings, sql[t.Start:t.End]), nil
		case depth == 0 && last.Text == "FORMAT":
			st.format, st.output = sql[t.Start:t.End], last.Start
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

// intoFile is the query with its result in a file of this machine.
func (st statement) intoFile(path, format string) string {
	into := "\nINTO OUTFILE '" + path + "' TRUNCATE "
	if st.format != "" {
		return st.sql[:st.output] + into + st.sql[st.output:]
	}
	return fmt.Sprintf("%s%sFORMAT %s", st.sql, into, format)
}

// streams reports whether the engine writes the result as it makes it.
func (st statement) streams() bool { return st.verb == "SELECT" || st.verb == "WITH" }

func onlyBlank(l *sqltext.Lexer) error {
	for t := l.Next(); t.Text != ""; t = l.Next() {
		if t.Text != ";" {
			return exception(62, "SYNTAX_ERROR", "Syntax error: several statements in one query are not allowed")
		}
	}
	return nil
}
