package views

import (
	"embed"
	"fmt"
	"regexp"
	"strings"
	"text/template"

	"github.com/claimlake/claimlake/internal/table"
)

//go:embed *.sql parts/*.sql tuva/*.sql
var files embed.FS

// Theory says how the views count money and versions, as Markdown.
//
//go:embed theory.md
var Theory string

// View is a rendered view.
type View struct {
	Name        string
	Description string
	Columns     []Column
	SQL         string      // a SELECT
	Kept        *table.Kept // of ClickHouse; nil: computed at every query
}

// Column is a column of a view.
type Column struct{ Name, Description string }

// order lists the views such that each reads only those before it.
var order = []string{
	"claim_balance", "claim_amount", "claim_version", "claim_line", "submitted_claim_line", "claim_duplicate", "medical_claim", "pharmacy_claim",
	"eligibility", "eligibility_span", "member_month", "claim_without_coverage", "member_number_shared", "claim_finding", "service_month_completeness",
}

// ClickHouse gives all views for ClickHouse, each after those that it reads, also the
// internal ones.
func ClickHouse() ([]View, error) {
	list, err := render(clickHouse)
	var all []View
	for _, v := range list {
		all = append(all, staged(v)...)
	}
	return all, err
}

// DuckDB gives the same for DuckDB.
func DuckDB() ([]View, error) { return render(duckDB) }

func render(d dialect) ([]View, error) {
	var views []View
	for _, name := range order {
		v, err := d.view(name)
		if err != nil {
			return nil, fmt.Errorf("view %s: %w", name, err)
		}
		views = append(views, v)
	}
	return views, nil
}

func (d dialect) view(name string) (View, error) {
	src, err := files.ReadFile(name + ".sql")
	if err != nil {
		return View{}, err
	}
	t, err := template.New(name).Funcs(d.functions()).Funcs(d.tuvaFunctions()).ParseFS(files, "parts/*.sql")
	if err != nil {
		return View{}, err
	}
	if t, err = t.New(name).Parse(string(src)); err != nil {
		return View{}, err
	}
	var b strings.Builder
	if err := t.Execute(&b, nil); err != nil {
		return View{}, err
	}
	description, sql, _ := strings.Cut(b.String(), "\n")
	v := View{Name: name, Description: strings.TrimPrefix(description, "-- ")}
	for _, m := range columnLine.FindAllStringSubmatch(sql, -1) {
		v.Columns = append(v.Columns, Column{Name: strings.Trim(m[1], "`\""), Description: m[2]})
	}
	v.SQL = strings.TrimSpace(comment.ReplaceAllString(sql, "")) + d.settings
	return v, nil
}

var (
	columnLine = regexp.MustCompile("(?m)AS ([`\"]?\\w+[`\"]?),? -- (.*)$")
	comment    = regexp.MustCompile(`(?m) -- .*$`)
)
