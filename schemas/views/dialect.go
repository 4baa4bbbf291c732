package views

import (
	"fmt"
	"text/template"
)

// dialect is how a database writes what SQL has no common word for. Each format
// takes the expression that it is about.
type dialect struct {
	text, whole string // NULL of a type
	date        string
	addMonths   string // a date, a number
	numbers     string // 0 … n-1 as the column number
	joinSorted  string // the texts of a group, sorted
	quote       string
	settings    string // behind the SELECT
}

var clickHouse = dialect{
	text: "CAST(NULL AS Nullable(String))", whole: "CAST(NULL AS Nullable(Int32))",
	date: "toDate32(%s)", addMonths: "addMonths(%s, %s)",
	numbers:    "(SELECT number FROM numbers(%d))",
	joinSorted: "arrayStringConcat(arraySort(groupArray(toString(%s))), ',')",
	quote:      "`%s`",
	// Without a match a join gives NULL, as in every other database.
	settings: "\nSETTINGS join_use_nulls = 1",
}

var duckDB = dialect{
	text: "CAST(NULL AS VARCHAR)", whole: "CAST(NULL AS INTEGER)",
	date: "CAST(%s AS DATE)", addMonths: "CAST(%s + to_months(CAST(%s AS INTEGER)) AS DATE)",
	numbers:    "(SELECT range AS number FROM range(%d))",
	joinSorted: "string_agg(%[1]s, ',' ORDER BY %[1]s)",
	quote:      `"%s"`,
}

func (d dialect) functions() template.FuncMap {
	return template.FuncMap{
		"null": func(kind string) string {
			if kind == "int" {
				return d.whole
			}
			return d.text
		},
		"date":       func(x string) string { return fmt.Sprintf(d.date, x) },
		"month":      func(x string) string { return fmt.Sprintf(d.date, "date_trunc('month', "+x+")") },
		"addMonths":  func(x, n string) string { return fmt.Sprintf(d.addMonths, x, n) },
		"numbers":    func(n int) string { return fmt.Sprintf(d.numbers, n) },
		"joinSorted": func(x string) string { return fmt.Sprintf(d.joinSorted, x) },
		"quote":      func(x string) string { return fmt.Sprintf(d.quote, x) },
		"careTeam":   careTeam,
		"diagnoses":  diagnoses,
		"seq":        seq,
		"amounts":    func() []amount { return amounts },
		"near":       func() []near { return nearly },
	}
}

func seq(from, to int) []int {
	var list []int
	for i := from; i <= to; i++ {
		list = append(list, i)
	}
	return list
}
