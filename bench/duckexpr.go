package main

import (
	"fmt"
	"strings"
)

// duck is DuckDB's way to say it.
type duck struct{}

func (duck) name(key string) string { return `"` + key + `"` }

func (d duck) field(e, key string) string { return e + "." + d.name(key) }

func (duck) at(list string, index int) string { return fmt.Sprintf("%s[%d]", list, index+1) }

func (duck) first(list, x, condition string) string {
	return fmt.Sprintf("list_filter(%s, lambda %s: %s)[1]", list, x, condition)
}

func (duck) keys(list, x, key string) string {
	return fmt.Sprintf("list_transform(%s, lambda %s: %s)", list, x, key)
}

func (duck) nestedKeys(list, x, inner, y, key string) (keys, index string) {
	keys = fmt.Sprintf("flatten(list_transform(%s, lambda %s: list_transform(%s, lambda %s: %s)))", list, x, inner, y, key)
	index = fmt.Sprintf("flatten(list_transform(%s, lambda %s, i: list_transform(%s, lambda %s: i)))", list, x, inner, y)
	return keys, index
}

func (duck) found(values string, l lookup, key string) string {
	at := fmt.Sprintf("list_position(%s, %s)", l.keys, quote(key))
	if l.index != "" {
		at = l.index + "[" + at + "]"
	}
	return values + "[" + at + "]"
}

// keyed looks first whether there is the key, since most rows have few of them.
func (duck) keyed(values string, l lookup, key string) string {
	at := "n"
	if l.index != "" {
		at = l.index + "[n]"
	}
	return fmt.Sprintf("CASE WHEN list_contains(%[1]s, %[2]s) THEN list_transform(%[1]s, lambda k, n: CASE WHEN k = %[2]s THEN %[3]s[%[4]s] END) END", l.keys, quote(key), values, at)
}

func (duck) filter(list, x, condition string) string {
	return fmt.Sprintf("list_filter(%s, lambda %s: %s)", list, x, condition)
}

func (d duck) sum(list, kind string) string {
	return fmt.Sprintf("list_sum(%s)::%s", list, d.kindType(kind))
}

func (duck) some(list, x, condition string) string {
	return fmt.Sprintf("len(list_filter(%s, lambda %s: %s)) > 0", list, x, condition)
}

func (duck) each(list, x, value string, flat bool) string {
	if flat {
		return fmt.Sprintf("flatten(list_transform(%s, lambda %s: %s))", list, x, value)
	}
	return fmt.Sprintf("list_filter(list_transform(%s, lambda %s: %s), lambda v: v IS NOT NULL)", list, x, value)
}

func (duck) length(list string) string { return "len(" + list + ")" }

func (duck) like(text, pattern string) string {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok && !strings.Contains(prefix, "*") {
		return fmt.Sprintf("starts_with(%s, %s)", text, quote(prefix))
	}
	return text + " GLOB " + quote(pattern)
}

func (duck) present(e string, _ *shape) string { return e + " IS NOT NULL" }

func (d duck) null(kind string) string { return "NULL::" + d.kindType(kind) }

func (duck) contained(list, x, id, reference string) string {
	return fmt.Sprintf("list_filter(%s, lambda %s: %s = substr(%s, 2))[1]", list, x, id, reference)
}

// source numbers the resources: a line's number is its place in the table.
func (duck) source() string { return `(SELECT *, rowid AS "_row" FROM work.resource)` }

func (duck) unnest(list, e, position, from string) string {
	return fmt.Sprintf("(SELECT *, unnest(%s) AS %s, generate_subscripts(%s, 1) AS %s FROM %s)", list, e, list, position, from)
}

// lineage leaves out _hash: DuckDB has no way to hash a line that it reads by type.
func (duck) lineage() string {
	return `'local' AS "_source", 'run' AS "_run_id", 'file' AS "_file_id", "_row" + 1 AS "_line", now() AS "_retrieved_at", now() AS "_transaction_time", 'explanation_of_benefit' AS "_mapping", coalesce("meta"."lastUpdated", now()) AS "_version", false AS "_deleted"`
}

func (duck) path(positions []string) string {
	if len(positions) == 1 {
		return positions[0] + "::VARCHAR"
	}
	return "concat_ws('.', " + strings.Join(positions, ", ") + ")"
}

// precision is one constant: the dates of this input are all days, its times all
// have seconds. The check would find another.
func (duck) precision(e string, s *shape) string {
	if s.day {
		return "CASE WHEN " + e + " IS NOT NULL THEN 'day' END"
	}
	return "CASE WHEN " + e + " IS NOT NULL THEN 'second' END"
}

func (duck) rest(e string, c *mappedColumn) string {
	if c.join != "" {
		return fmt.Sprintf("array_to_string(%s, %s)", e, quote(c.join))
	}
	return fmt.Sprintf("replace(%s, %s, '')", e, quote(c.without))
}

// convert needs to know only references of the forms Type/id and #id: others are
// not in this input, or the check would find them.
func (d duck) convert(e string, s *shape, kind string) string {
	switch kind {
	case "reference":
		return "nullif(split_part(" + e + ", '/', 2), '')"
	case "reference_type":
		if s.fragment {
			return "CASE WHEN contains(" + e + ", '/') THEN split_part(" + e + ", '/', 1) END"
		}
		return "split_part(" + e + ", '/', 1)"
	case "reference_raw":
		if s.fragment {
			return "CASE WHEN starts_with(" + e + ", '#') THEN " + e + " END"
		}
		return "NULL::VARCHAR"
	}
	if strings.HasPrefix(kind, "list(") || d.kindType(kind) == d.leafType(s) {
		return e
	}
	return "CAST(" + e + " AS " + d.kindType(kind) + ")"
}

// kindType is the type of a column.
func (duck) kindType(kind string) string {
	switch kind {
	case "boolean":
		return "BOOLEAN"
	case "integer", "count":
		return "INTEGER"
	case "int64":
		return "BIGINT"
	case "date":
		return "DATE"
	case "dateTime", "instant":
		return "TIMESTAMPTZ"
	case "list(integer)":
		return "INTEGER[]"
	case "list(string)", "list(code)":
		return "VARCHAR[]"
	}
	if _, size, ok := strings.Cut(kind, "("); ok { // decimal, rounded
		return "DECIMAL(" + size
	}
	return "VARCHAR"
}

// leafType is the type that a value is read as: that of its columns where they
// agree, so that nothing is converted twice.
func (duck) leafType(s *shape) string {
	switch {
	case s.only("boolean"):
		return "BOOLEAN"
	case s.only("integer", "list(integer)", "count"):
		return "INTEGER"
	case s.only("date", "precision") && !s.text:
		return "DATE"
	case s.only("dateTime", "instant", "precision") && !s.day:
		return "TIMESTAMPTZ"
	case s.number:
		// Enough for the amounts of this input, and exact, although DuckDB reads
		// decimals by way of floats: DECIMAL(38,18) would not be.
		return "DECIMAL(18,4)"
	}
	return "VARCHAR"
}

// duckType is the type of an element with all below it that is wanted.
func duckType(s *shape) string {
	if s.elem != nil {
		return duckType(s.elem) + "[]"
	}
	if s.keys == nil {
		return duck{}.leafType(s)
	}
	var fields []string
	for _, key := range wantedKeys(s) {
		fields = append(fields, duck{}.name(key)+" "+duckType(s.keys[key]))
	}
	return "STRUCT(" + strings.Join(fields, ", ") + ")"
}
