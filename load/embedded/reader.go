package embedded

import (
	"errors"
	"slices"
	"strings"

	"github.com/claimlake/claimlake/internal/sqltext"
)

// reader checks readers' statements, for what ClickHouse has no right to grant or deny.
type reader struct{ database, role string }

// check refuses statements that do more than read tables. It looks at the statement as
// ClickHouse's own parser prints it.
func (r *reader) check(c *connection, req *request) error {
	if strings.IndexByte(req.sql, 0) >= 0 {
		return exception(62, "SYNTAX_ERROR", "Syntax error: NUL in the query")
	}
	if req.insert {
		return notReading(sqltext.ErrNotReading)
	}
	var plain strings.Builder
	if _, err := c.exec(&plain, "SELECT formatQuery({query:String})", "TSVRaw", []param{{"query", escapeParam(req.sql)}}); err != nil {
		text, _, _ := strings.Cut(err.Error(), ": In scope SELECT formatQuery")
		if text != err.Error() {
			text += ". (SYNTAX_ERROR)"
		}
		return errors.New(text)
	}
	// A name that comes as a parameter may be a function's.
	named := slices.ContainsFunc(req.params, func(p param) bool {
		return sqltext.Reads("SELECT "+p.value+"(1)") != nil && strings.Contains(strings.ToLower(req.sql), "identifier")
	})
	err := sqltext.Reads(plain.String())
	if named && err == nil {
		err = sqltext.ErrNotReading
	}
	if err != nil {
		return notReading(err)
	}
	return nil
}

func notReading(err error) error {
	return exception(164, "READONLY", "Cannot execute query in readonly mode: %w", err)
}

// escapeParam is a value as ClickHouse reads it from a parameter.
func escapeParam(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`).Replace(s)
}
