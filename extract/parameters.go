package extract

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// parameter is one of a kick-off, in the two ways of writing it: text in a
// query, value[x] in a Parameters resource.
type parameter struct {
	name  string
	kind  string // value[x], such as "valueString"
	texts []string
	list  bool // STU1 to STU3: a comma list in one query parameter
}

// parameters are those that an export sends, in the order of the specification.
func (e Export) parameters() []parameter {
	all := []parameter{
		{name: "_outputFormat", kind: "valueString", texts: one(e.OutputFormat)},
		{name: "_since", kind: "valueInstant", texts: one(instant(e.Since))},
		{name: "_until", kind: "valueInstant", texts: one(instant(e.Until))},
		{name: "_type", kind: "valueString", texts: e.Types, list: true},
		{name: "_elements", kind: "valueString", texts: e.Elements, list: true},
		{name: "patient", kind: "valueReference", texts: e.Patients},
		{name: "includeAssociatedData", kind: "valueCode", texts: e.IncludeAssociatedData, list: true},
		{name: "_typeFilter", kind: "valueString", texts: e.TypeFilters, list: !anyComma(e.TypeFilters)},
		{name: "organizeOutputBy", kind: "valueString", texts: one(e.OrganizeOutputBy)},
		{name: "allowPartialManifests", kind: "valueBoolean", texts: one(flag(e.AllowPartialManifests))},
		{name: "_minimumFileSize", kind: "valuePositiveInt", texts: one(size(e.MinFileSize))},
		{name: "_maximumFileSize", kind: "valuePositiveInt", texts: one(size(e.MaxFileSize))},
	}
	for _, c := range e.Custom {
		all = append(all, parameter{name: c.Name, kind: "valueString", texts: []string{c.Value}})
	}
	return all
}

func one(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// instant is a FHIR instant in UTC, to the microsecond that a watermark has.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05.999999Z07:00")
}

func flag(b bool) string {
	if b {
		return "true"
	}
	return ""
}

func size(n int64) string {
	if n <= 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// anyComma reports whether a filter has a comma of its own, as in
// "Claim?status=active,draft". A comma list would cut it in two: such filters are
// repeated parameters, which STU2 and STU3 allow too.
func anyComma(filters []string) bool { return strings.Contains(strings.Join(filters, ""), ",") }

// query is an export's GET form.
func (e Export) query() string {
	q := url.Values{}
	for _, p := range e.parameters() {
		if p.list && len(p.texts) > 0 {
			p.texts = []string{strings.Join(p.texts, ",")}
		}
		for _, text := range p.texts {
			q.Add(p.name, text)
		}
	}
	return q.Encode()
}

// private are the values that name patients, or that only this server understands.
func (e Export) private() []string {
	values := slices.Concat(e.Patients, e.TypeFilters, one(e.Group))
	for _, filter := range e.TypeFilters {
		_, query, _ := strings.Cut(filter, "?")
		parsed, _ := url.ParseQuery(query) // what of it can be
		for _, v := range parsed {
			values = append(values, v...)
		}
	}
	for _, c := range e.Custom {
		values = append(values, c.Value)
	}
	return values
}

const associatedDataSystem = "http://hl7.org/fhir/uv/bulkdata/CodeSystem/include-associated-data"

// body is an export's POST form: a Parameters resource. stu4 writes
// includeAssociatedData as the Coding that it became there.
func (e Export) body(stu4 bool) ([]byte, error) {
	entries := []map[string]any{}
	for _, p := range e.parameters() {
		for _, text := range p.texts {
			kind, value := p.value(text, stu4)
			entries = append(entries, map[string]any{"name": p.name, kind: value})
		}
	}
	body, err := json.Marshal(struct {
		ResourceType string           `json:"resourceType"`
		Parameter    []map[string]any `json:"parameter"`
	}{"Parameters", entries})
	if err != nil {
		return nil, fmt.Errorf("encode the kick-off: %w", err)
	}
	return body, nil
}

func (p parameter) value(text string, stu4 bool) (kind string, value any) {
	switch {
	case p.kind == "valueReference":
		return p.kind, map[string]string{"reference": "Patient/" + strings.TrimPrefix(text, "Patient/")}
	case p.kind == "valueBoolean":
		return p.kind, true
	case p.kind == "valuePositiveInt":
		return p.kind, json.Number(text)
	case p.kind == "valueCode" && stu4 && strings.HasPrefix(text, "_"):
		return "valueCoding", map[string]string{"code": text} // a server's own
	case p.kind == "valueCode" && stu4:
		return "valueCoding", map[string]string{"system": associatedDataSystem, "code": text}
	}
	return p.kind, text
}
