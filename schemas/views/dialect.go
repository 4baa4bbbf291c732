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
	asText      string
	decimalText string // without zeros at the end
	matches     string // a text, a pattern
	listOf      string // a value, a list of others that may be missing: one list
	eachOf      string // a row for each value of a list
	anyLike     string // whether a value of a list begins so
	allLike     string // the values of a list that begin so, as text
	row         string // of some values
	part        string // of a row, by number
	chains      string // see chains.go
	quote       string
	settings    string // after the SELECT
}

var clickHouse = dialect{
	text: "CAST(NULL AS Nullable(String))", whole: "CAST(NULL AS Nullable(Int32))",
	date: "toDate32(%s)", addMonths: "addMonths(%s, %s)",
	numbers:    "(SELECT toInt32(number) AS number FROM numbers(%d))",
	joinSorted: "arrayStringConcat(arraySort(groupArray(toString(%s))), ',')",
	asText:     "toString(%s)", decimalText: "toString(%s)",
	matches: "match(%s, '%s')",
	listOf:  "arrayConcat([%s], %s)",
	eachOf:  "arrayJoin(%s)",
	anyLike: "arrayExists(m -> startsWith(m, '%[2]s'), %[1]s)",
	allLike: "arrayStringConcat(arraySort(arrayFilter(m -> startsWith(m, '%[2]s') AND m <> '%[2]sitself', %[1]s)), '|')",
	row:     "(%s)",
	part:    "tupleElement(%s, %d)",
	chains:  chainsOfArrays,
	quote:   "`%s`",
	// Without a match a join gives NULL, as in every other database.
	settings: "\nSETTINGS join_use_nulls = 1",
}

var duckDB = dialect{
	text: "CAST(NULL AS VARCHAR)", whole: "CAST(NULL AS INTEGER)",
	date: "CAST(%s AS DATE)", addMonths: "CAST(%s + to_months(CAST(%s AS INTEGER)) AS DATE)",
	numbers:    "(SELECT range AS number FROM range(%d))",
	joinSorted: "string_agg(%[1]s, ',' ORDER BY %[1]s)",
	asText:     "CAST(%s AS VARCHAR)", decimalText: "rtrim(rtrim(CAST(%s AS VARCHAR), '0'), '.')",
	matches: "regexp_matches(%s, '%s')",
	listOf:  "list_concat([%s], %s)",
	eachOf:  "unnest(%s)",
	anyLike: "(concat('|', array_to_string(%[1]s, '|')) LIKE '%%|%[2]s%%')",
	allLike: "array_to_string(list_sort([m for m in %[1]s if starts_with(m, '%[2]s') AND m <> '%[2]sitself']), '|')",
	row:     "row(%s)",
	part:    "struct_extract(%s, %d)",
	chains:  chainsByReach,
	quote:   `"%s"`,
}

func (d dialect) functions() template.FuncMap {
	return template.FuncMap{
		"null": func(kind string) string {
			if kind == "int" {
				return d.whole
			}
			return d.text
		},
		"date":         func(x string) string { return fmt.Sprintf(d.date, x) },
		"month":        func(x string) string { return fmt.Sprintf(d.date, "date_trunc('month', "+x+")") },
		"addMonths":    func(x, n string) string { return fmt.Sprintf(d.addMonths, x, n) },
		"numbers":      func(n int) string { return fmt.Sprintf(d.numbers, n) },
		"joinSorted":   func(x string) string { return fmt.Sprintf(d.joinSorted, x) },
		"quote":        func(x string) string { return fmt.Sprintf(d.quote, x) },
		"careTeam":     careTeam,
		"diagnoses":    diagnoses,
		"seq":          seq,
		"amounts":      func() []amount { return amounts },
		"text":         func(x string) string { return fmt.Sprintf(d.asText, x) },
		"matches":      func(x, pattern string) string { return fmt.Sprintf(d.matches, x, pattern) },
		"listOf":       func(x, others string) string { return fmt.Sprintf(d.listOf, x, others) },
		"eachOf":       func(x string) string { return fmt.Sprintf(d.eachOf, x) },
		"list":         func(x ...string) []string { return x },
		"pairs":        d.kindsOfLine,
		"headerPlaces": d.kindsOfHeader,
		"first":        func(x string) string { return fmt.Sprintf(d.part, x, 1) },
		"second":       func(x string) string { return fmt.Sprintf(d.part, x, 2) },
		"third":        func(x string) string { return fmt.Sprintf(d.part, x, 3) },
		"monthsAgo": func(n string) string {
			return fmt.Sprintf(d.addMonths, fmt.Sprintf(d.date, "date_trunc('month', today())"), "-"+n)
		},
		"lineOfBusiness": func() string { return lineOfBusiness },
		"totalCost":      func() string { return totalCost },
		"memberID":       func() string { return memberID },
		"inForce":        inForce,
		"chains":         func(marks string) string { return fmt.Sprintf(d.chains, marks) },
		"anyLike":        func(x, prefix string) string { return fmt.Sprintf(d.anyLike, x, prefix) },
		"allLike":        func(x, prefix string) string { return fmt.Sprintf(d.allLike, x, prefix) },
		"marks":          d.marks,
		"names": func(x string) string {
			return fmt.Sprintf("CASE WHEN %s THEN 'later ' || %s ELSE 'names ' || %[2]s END", isLater, x)
		},
		"real": func(x, mark string) string {
			return fmt.Sprintf("CASE WHEN NOT "+d.matches+" THEN %[3]s END", x, "^(0*|9+)$", mark)
		},
		"kindOfClaim": func() string { return "coalesce(cms_eob_type, claim_type_code, type_code, '')" },
		"parentPath":  func(x string) string { return fmt.Sprintf("regexp_replace(%s, '[.][0-9]+$', '')", x) },
		"topPath":     func(x string) string { return fmt.Sprintf("regexp_replace(%s, '[.].*$', '')", x) },
		"ownElse":     ownElse,
		"claimType":   func() string { return claimType },
		"totalLine":   func() string { return totalLine },
		"near":        func() []near { return nearly },
	}
}

func seq(from, to int) []int {
	var list []int
	for i := from; i <= to; i++ {
		list = append(list, i)
	}
	return list
}
