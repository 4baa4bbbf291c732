package main

import (
	"fmt"
	"strings"
)

// clickHouse is ClickHouse's way to say it. It has no null objects and no null
// lists: all values are Nullable, an object is there if one of them is, and an empty
// list stands for none.
type clickHouse struct{}

func (clickHouse) name(key string) string { return "`" + key + "`" }

func (clickHouse) field(e, key string) string { return "tupleElement(" + e + ", " + quote(key) + ")" }

func (clickHouse) at(list string, index int) string { return fmt.Sprintf("%s[%d]", list, index+1) }

func (clickHouse) first(list, x, condition string) string {
	return fmt.Sprintf("arrayFirst(%s -> ifNull(%s, false), %s)", x, condition, list)
}

func (clickHouse) keys(list, x, key string) string {
	return fmt.Sprintf("arrayMap(%s -> %s, %s)", x, key, list)
}

func (clickHouse) nestedKeys(list, x, inner, y, key string) (keys, index string) {
	keys = fmt.Sprintf("arrayFlatten(arrayMap(%s -> arrayMap(%s -> %s, %s), %s))", x, y, key, inner, list)
	index = fmt.Sprintf("arrayFlatten(arrayMap((%s, i) -> arrayMap(%s -> i, %s), %s, arrayEnumerate(%s)))", x, y, inner, list, list)
	return keys, index
}

func (clickHouse) found(values string, l lookup, key string) string {
	at := fmt.Sprintf("indexOf(%s, %s)", l.keys, quote(key))
	if l.index != "" {
		at = l.index + "[" + at + "]"
	}
	return values + "[" + at + "]" // of 0 it is the type's default: a null, or nulls
}

func (clickHouse) keyed(values string, l lookup, key string) string {
	at := "n"
	if l.index != "" {
		at = l.index + "[n]"
	}
	return fmt.Sprintf("arrayMap((k, n) -> if(k = %[2]s, %[3]s[%[4]s], NULL), %[1]s, arrayEnumerate(%[1]s))", l.keys, quote(key), values, at)
}

func (clickHouse) filter(list, x, condition string) string {
	return fmt.Sprintf("arrayFilter(%s -> ifNull(%s, false), %s)", x, condition, list)
}

func (d clickHouse) sum(list, kind string) string {
	return fmt.Sprintf("CAST(arrayReduce('sum', %s), %s)", list, quote(d.kindType(kind)))
}

func (clickHouse) some(list, x, condition string) string {
	return fmt.Sprintf("arrayExists(%s -> ifNull(%s, false), %s)", x, condition, list)
}

func (clickHouse) each(list, x, value string, flat bool) string {
	if flat {
		return fmt.Sprintf("arrayFlatten(arrayMap(%s -> %s, %s))", x, value, list)
	}
	return fmt.Sprintf("arrayFilter(v -> v IS NOT NULL, arrayMap(%s -> %s, %s))", x, value, list)
}

func (clickHouse) length(list string) string { return "nullIf(toInt32(length(" + list + ")), 0)" }

func (clickHouse) like(text, pattern string) string {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok && !strings.Contains(prefix, "*") {
		return fmt.Sprintf("startsWith(%s, %s)", text, quote(prefix))
	}
	return text + " LIKE " + quote(strings.NewReplacer("_", `\\_`, "%", `\\%`, "*", "%").Replace(pattern))
}

// present asks an object's values: one that has none of those wanted is taken for absent.
func (d clickHouse) present(e string, s *shape) string {
	if s.elem != nil {
		return "notEmpty(" + e + ")"
	}
	if s.keys == nil {
		return e + " IS NOT NULL"
	}
	parts := []string{"false"}
	for _, key := range wantedKeys(s) {
		parts = append(parts, d.present(d.field(e, key), s.keys[key]))
	}
	return "(" + strings.Join(parts, " OR ") + ")"
}

func (d clickHouse) null(kind string) string {
	if strings.HasPrefix(kind, "list(") {
		return "CAST([], " + quote(d.kindType(kind)) + ")"
	}
	return "CAST(NULL, " + quote(d.kindType(kind)) + ")"
}

func (clickHouse) contained(list, x, id, reference string) string {
	return fmt.Sprintf("arrayFirst(%s -> ifNull(%s = substring(%s, 2), false), %s)", x, id, reference, list)
}

func (clickHouse) source() string { return "resource" }

func (clickHouse) unnest(list, e, position, from string) string {
	return fmt.Sprintf("(SELECT *, %s, %s FROM %s ARRAY JOIN %s AS %s, arrayEnumerate(%s) AS %s)", e, position, from, list, e, list, position)
}

// lineage leaves out _line and _hash: rows have no place in a table, and a line that
// is read by type has no text.
func (clickHouse) lineage() string {
	return "'local' AS `_source`, 'run' AS `_run_id`, 'file' AS `_file_id`, now64(6, 'UTC') AS `_retrieved_at`, now64(6, 'UTC') AS `_transaction_time`, 'explanation_of_benefit' AS `_mapping`, ifNull(tupleElement(`meta`, 'lastUpdated'), now64(6, 'UTC')) AS `_version`, false AS `_deleted`"
}

func (clickHouse) path(positions []string) string {
	if len(positions) == 1 {
		return "toString(" + positions[0] + ")"
	}
	return "concat(toString(" + strings.Join(positions, "), '.', toString(") + "))"
}

// precision is one constant, as for DuckDB.
func (clickHouse) precision(e string, s *shape) string {
	if s.day {
		return "if(" + e + " IS NULL, NULL, 'day')"
	}
	return "if(" + e + " IS NULL, NULL, 'second')"
}

func (clickHouse) rest(e string, c *mappedColumn) string {
	if c.join != "" {
		return fmt.Sprintf("nullIf(arrayStringConcat(%s, %s), '')", e, quote(c.join))
	}
	return fmt.Sprintf("replaceAll(%s, %s, '')", e, quote(c.without))
}

// convert knows the same of references as DuckDB's.
func (d clickHouse) convert(e string, s *shape, kind string) string {
	part := func(n int) string {
		return fmt.Sprintf("nullIf(splitByChar('/', ifNull(%s, ''))[%d], '')", e, n)
	}
	switch kind {
	case "reference":
		return part(2)
	case "reference_type":
		return "if(position(" + e + ", '/') > 0, " + part(1) + ", NULL)"
	case "reference_raw":
		if s.fragment {
			return "if(startsWith(" + e + ", '#'), " + e + ", NULL)"
		}
		return d.null(kind)
	case "date":
		if d.leafType(s) != d.kindType(kind) { // of a dateTime, the day as written
			return "toDate32OrNull(substring(" + e + ", 1, 10))"
		}
	}
	if strings.HasPrefix(kind, "list(") || d.kindType(kind) == d.leafType(s) {
		return e
	}
	return "CAST(" + e + ", " + quote(d.kindType(kind)) + ")"
}

func (clickHouse) kindType(kind string) string {
	switch kind {
	case "boolean":
		return "Nullable(Bool)"
	case "integer", "count":
		return "Nullable(Int32)"
	case "int64":
		return "Nullable(Int64)"
	case "date":
		return "Nullable(Date32)"
	case "dateTime", "instant":
		return "Nullable(DateTime64(6, 'UTC'))"
	case "list(integer)":
		return "Array(Nullable(Int32))"
	case "list(string)", "list(code)":
		return "Array(Nullable(String))"
	}
	if _, size, ok := strings.Cut(kind, "("); ok { // decimal, rounded
		return "Nullable(Decimal(" + size + ")"
	}
	return "Nullable(String)"
}

// leafType chooses as for DuckDB.
func (d clickHouse) leafType(s *shape) string {
	switch {
	case s.only("boolean"):
		return d.kindType("boolean")
	case s.only("integer", "list(integer)", "count"):
		return d.kindType("integer")
	case s.only("date", "precision") && !s.text:
		return d.kindType("date")
	case s.only("dateTime", "instant", "precision") && !s.day:
		return d.kindType("instant")
	case s.number:
		return d.kindType("decimal(18,4)")
	}
	return d.kindType("string")
}

// clickHouseType is the type of an element with all below it that is wanted.
func clickHouseType(s *shape) string {
	if s.elem != nil {
		return "Array(" + clickHouseType(s.elem) + ")"
	}
	if s.keys == nil {
		return clickHouse{}.leafType(s)
	}
	var fields []string
	for _, key := range wantedKeys(s) {
		fields = append(fields, clickHouse{}.name(key)+" "+clickHouseType(s.keys[key]))
	}
	return "Tuple(" + strings.Join(fields, ", ") + ")"
}
