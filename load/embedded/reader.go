package embedded

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/claimlake/claimlake/internal/sqltext"
)

// reader checks readers' statements, for what ClickHouse has no right to grant or deny.
type reader struct {
	database, role string
	pin            Pin
}

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

// hold pins the statement that comes next.
func (r *reader) hold(c *connection) error {
	if r.pin.Setting == "" {
		return nil
	}
	var answer strings.Builder
	_, err := c.exec(&answer, r.pin.Query, "TSVRaw", nil)
	at := strings.TrimSpace(answer.String())
	switch code := codeOf(fmt.Sprint(err)); {
	case err != nil && code != unknownTable && code != unknownDatabase:
		return err
	case err != nil:
		at = "0"
	}
	_, err = c.exec(io.Discard, "SET "+r.pin.Setting+" = "+quoteValue(at), "Null", nil)
	return err
}

const (
	unknownTable    = 60
	unknownDatabase = 81
)

func notReading(err error) error {
	return exception(164, "READONLY", "Cannot execute query in readonly mode: %w", err)
}

// escapeParam is a value as ClickHouse reads it from a parameter.
func escapeParam(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`).Replace(s)
}
