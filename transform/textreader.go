package transform

import (
	"strings"
	"unicode/utf8"
)

// texter gives the reader for a column whose values are text.
func (c *columnPlan) texter() texter {
	plain := !c.choice && !c.precision && c.join == "" && c.without == "" && (c.kind.name == "string" || c.kind.name == "code")
	return texter{string: plain, read: c.textReader()}
}

func (c *columnPlan) textReader() textReader {
	switch {
	case c.choice:
		return choiceReader(c.column.sources)
	case c.precision:
		return precisionReader()
	case c.join != "":
		return joinWith(c.join)
	case c.without != "":
		return readWithout(c.without)
	}
	switch c.kind.name {
	case "reference":
		return readReferenceID
	case "reference_raw":
		return readReferenceRaw
	case "reference_type":
		return readReferenceType
	case "json":
		return readJSON
	}
	return readString
}

func readString(c *chunk, sp span) ([]byte, bool, string) {
	if sp.kind != kindText {
		return nil, false, ValueNotText
	}
	return c.text(sp), true, ""
}

// readWithout leaves characters out.
func readWithout(characters string) textReader {
	var kept []byte
	return func(c *chunk, sp span) ([]byte, bool, string) {
		if sp.kind != kindText {
			return nil, false, ValueNotText
		}
		kept = kept[:0]
		for _, r := range string(c.text(sp)) {
			if !strings.ContainsRune(characters, r) {
				kept = utf8.AppendRune(kept, r)
			}
		}
		return kept, len(kept) > 0, ""
	}
}

// readJSON gives the value as it stands in the line.
func readJSON(c *chunk, sp span) ([]byte, bool, string) {
	if sp.kind == kindCount {
		return []byte(countText(sp.start)), true, ""
	}
	if sp.kind == kindText {
		sp.start, sp.end = sp.start-1, sp.end+1
	}
	return c.raw(sp), true, ""
}

// precisionReader gives the precision of a date.
func precisionReader() textReader {
	labels := map[string][]byte{}
	for _, p := range []string{year, month, day, minute, second} {
		labels[p] = []byte(p)
	}
	return func(c *chunk, sp span) ([]byte, bool, string) {
		if sp.kind != kindText {
			return nil, false, "" // the column itself reports it
		}
		m, ok := parseMoment(c.text(sp))
		return labels[m.precision], ok, ""
	}
}

// choiceReader gives the path whose number is the span's start.
func choiceReader(sources []source) textReader {
	var labels [][]byte
	for _, s := range sources {
		labels = append(labels, []byte(s.text))
	}
	return func(_ *chunk, sp span) ([]byte, bool, string) {
		return labels[sp.start], true, ""
	}
}

// joinWith joins the strings of an array.
func joinWith(separator string) textReader {
	var joined []byte
	return func(c *chunk, sp span) ([]byte, bool, string) {
		joined = joined[:0]
		n := 0
		fits := c.items(sp, func(item span) bool {
			if item.kind == kindNull {
				return true
			}
			if n++; n > 1 {
				joined = append(joined, separator...)
			}
			joined = append(joined, c.text(item)...)
			return item.kind == kindText
		})
		if !fits {
			return nil, false, ValueNotList
		}
		return joined, n > 0, ""
	}
}

func readReferenceID(c *chunk, sp span) ([]byte, bool, string) {
	if sp.kind != kindText {
		return nil, false, ValueNotText
	}
	text := c.text(sp)
	_, id, _ := splitReference(text)
	if len(id) == 0 && !isContained(text) {
		return nil, false, ValueNoReference
	}
	return id, len(id) > 0, ""
}

// readReferenceRaw gives the reference where it says more than Type/id.
func readReferenceRaw(c *chunk, sp span) ([]byte, bool, string) {
	if sp.kind != kindText {
		return nil, false, "" // the column with the id reports it
	}
	text := c.text(sp)
	_, _, plain := splitReference(text)
	return text, !plain, ""
}

func readReferenceType(c *chunk, sp span) ([]byte, bool, string) {
	if sp.kind != kindText {
		return nil, false, ""
	}
	typ, _, _ := splitReference(c.text(sp))
	return typ, len(typ) > 0, ""
}
