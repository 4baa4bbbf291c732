package clickhouse

import (
	"embed"
	"strings"
	"text/template"
)

// Every statement is a file in sql/. Templates take names, types and comments
// from schemas, quoted by the functions below; values are bound by ClickHouse.
//
//go:embed sql/*.sql
var files embed.FS

var statements = template.Must(template.New("").Funcs(template.FuncMap{
	"name": name, "names": names, "text": text, "pin": func() string { return PinSetting },
}).ParseFS(files, "sql/*.sql"))

// render fills in the statement of a file in sql/.
func render(file string, data any) (string, error) {
	var out strings.Builder
	err := statements.ExecuteTemplate(&out, file, data)
	return strings.TrimSpace(out.String()), err
}

var (
	nameEscapes = strings.NewReplacer(`\`, `\\`, "`", "\\`")
	textEscapes = strings.NewReplacer(`\`, `\\`, `'`, `\'`)
)

// name quotes the name of a table or column.
func name(s string) string { return "`" + nameEscapes.Replace(s) + "`" }

// names quotes a list of names, each after prefix.
func names(prefix string, list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = prefix + name(s)
	}
	return strings.Join(quoted, ", ")
}

// text quotes a string.
func text(s string) string { return "'" + textEscapes.Replace(s) + "'" }
