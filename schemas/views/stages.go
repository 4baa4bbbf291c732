package views

import (
	"fmt"
	"regexp"
	"strings"
)

// ClickHouse analyzes a statement with all that is nested in it several times over, so
// that the time grows with the square of the depth: eight seconds for claim_version.
// It does not look into views. A stage is a common table expression that becomes an
// internal view of its own in ClickHouse, with those that come before it.
var stages = map[string][]string{
	"claim_balance":   {"sums", "decided"},
	"claim_version":   {"split", "chains", "placed", "candidates", "judged", "settled"},
	"claim_line":      {"diagnosis", "performer", "lines"},
	"claim_duplicate": {"claims", "pairs"},
	"medical_claim":   {"diagnosis", "performed"},
}

// Internal reports whether a view is only a stage of another.
func (v View) Internal() bool { return strings.HasPrefix(v.Name, "_") }

var (
	opening = regexp.MustCompile(`(?m)^(?:WITH )?(\w+) AS \($`)
	closing = regexp.MustCompile(`(?m)^\),?$`)
)

// staged splits a view into its stages and what is left of it.
func staged(v View) []View {
	rest := v.SQL
	var out []View
	var parts []string
	for _, stage := range stages[v.Name] {
		for {
			begin, end := opening.FindStringSubmatchIndex(rest), closing.FindStringIndex(rest)
			name, sql := rest[begin[2]:begin[3]], rest[begin[1]:end[0]]
			rest = strings.TrimLeft(rest[end[1]:], "\n")
			if name != stage {
				parts = append(parts, name+" AS ("+sql+")")
				continue
			}
			inner := View{Name: fmt.Sprintf("_%s_%s", v.Name, stage), Description: "A stage of " + v.Name + "."}
			inner.Kept = keptAs(inner.Name)
			rest = reading(rest, stage, inner.Name)
			inner.SQL = with(parts) + strings.TrimSpace(sql) + clickHouse.settings
			out, parts = append(out, inner), nil
			break
		}
	}
	if at := opening.FindStringIndex(rest); at != nil && at[0] == 0 && !strings.HasPrefix(rest, "WITH ") {
		rest = "WITH " + rest
	}
	v.SQL, v.Kept = rest, keptAs(v.Name)
	return append(out, v)
}

func with(parts []string) string {
	if len(parts) == 0 {
		return ""
	}
	return "WITH " + strings.Join(parts, ",\n") + "\n"
}

// reading makes a statement read a view where it reads a stage.
func reading(sql, stage, view string) string {
	as := regexp.MustCompile(`\b(FROM|JOIN) ` + stage + `( AS \w+)?\b`)
	return as.ReplaceAllStringFunc(sql, func(s string) string {
		m := as.FindStringSubmatch(s)
		if m[2] == "" {
			m[2] = " AS " + stage
		}
		return m[1] + " " + view + m[2]
	})
}
