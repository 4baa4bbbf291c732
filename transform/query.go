package transform

import (
	"strconv"
	"strings"

	"github.com/tidwall/match"
)

// query is the predicate of a filter: #(path op value) of gjson.
type query struct {
	text   string
	path   path
	op     string // = != < <= > >= % !%, or "" for existence
	value  string
	number float64 // value as gjson compares it with numbers: 0 where it is none
}

// maxMatch limits the work of one wildcard match, as gjson does.
const maxMatch = 10000

var operators = []string{"!=", "!%", "<=", ">=", "==", "<", ">", "=", "%"}

// parseQuery reads what stands between the brackets of a filter. It reports
// false for what the scan leaves to gjson.
func parseQuery(inner string) (*query, bool) {
	at := operatorAt(inner)
	p, err := parsePath(trim(inner[:at]))
	if err != nil || p.rest != "" || len(p.steps) == 0 || strings.ContainsRune(inner, '\\') {
		return nil, false
	}
	q := &query{text: inner, path: p}
	if at == len(inner) {
		return q, true
	}
	for _, op := range operators {
		if rest, ok := strings.CutPrefix(inner[at:], op); ok {
			return q.compare(op, trim(rest))
		}
	}
	return nil, false
}

func (q *query) compare(op, value string) (*query, bool) {
	if len(value) >= 2 && value[0] == '"' && value[len(value)-1] == '"' {
		value = value[1 : len(value)-1]
	}
	q.op, q.value = strings.Replace(op, "==", "=", 1), value
	q.number, _ = strconv.ParseFloat(value, 64) // like gjson: 0 when it is no number
	return q, !strings.HasPrefix(value, "~")
}

// trim cuts what gjson takes for white space.
func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
}

// operatorAt finds the operator outside brackets; without one it gives the end.
func operatorAt(inner string) int {
	depth, quoted := 0, false
	for i := range len(inner) {
		switch c := inner[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case depth == 0 && strings.IndexByte("!=<>%", c) >= 0:
			return i
		}
	}
	return len(inner)
}

// matches applies q to a value that exists. text is the value's decoded text.
func (q *query) matches(k valueKind, text string) bool {
	if q.op == "" {
		return true
	}
	switch k {
	case kindText:
		return q.matchesText(text)
	case kindNumber, kindCount:
		n, _ := strconv.ParseFloat(text, 64) // ±Inf out of range, as in gjson
		return q.matchesNumber(n)
	case kindTrue:
		return q.op == "=" && q.value == "true" || q.op == "!=" && q.value != "true" ||
			q.op == ">" && q.value == "false" || q.op == ">="
	case kindFalse:
		return q.op == "=" && q.value == "false" || q.op == "!=" && q.value != "false" ||
			q.op == "<" && q.value == "true" || q.op == "<="
	default:
		return false
	}
}

func (q *query) matchesText(text string) bool {
	switch q.op {
	case "=":
		return text == q.value
	case "!=":
		return text != q.value
	case "<":
		return text < q.value
	case "<=":
		return text <= q.value
	case ">":
		return text > q.value
	case ">=":
		return text >= q.value
	}
	like, _ := match.MatchLimit(text, q.value, maxMatch)
	return like == (q.op == "%")
}

func (q *query) matchesNumber(n float64) bool {
	switch q.op {
	case "=":
		return n == q.number
	case "!=":
		return n != q.number
	case "<":
		return n < q.number
	case "<=":
		return n <= q.number
	case ">":
		return n > q.number
	case ">=":
		return n >= q.number
	}
	return false
}
