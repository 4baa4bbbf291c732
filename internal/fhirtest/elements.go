package fhirtest

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// elements are the root elements that _elements asks for.
type elements struct {
	all    []string            // of each type
	ofType map[string][]string // of one type
}

func parseElements(values []string) elements {
	e := elements{ofType: map[string][]string{}}
	for _, value := range values {
		if resourceType, element, ok := strings.Cut(value, "."); ok {
			e.ofType[resourceType] = append(e.ofType[resourceType], element)
		} else {
			e.all = append(e.all, value)
		}
	}
	return e
}

func (e elements) touch(resourceType string) bool {
	return len(e.all) > 0 || len(e.ofType[resourceType]) > 0
}

// cut leaves of a resource what was asked for, its type and id, and tags it SUBSETTED.
// A line that is not JSON stays as it is.
func (e elements) cut(resourceType string, line []byte) []byte {
	if !e.touch(resourceType) || !gjson.ValidBytes(line) {
		return line
	}
	keep := slices.Concat([]string{"resourceType", "id"}, e.all, e.ofType[resourceType])
	out := []byte(`{`)
	var meta gjson.Result
	gjson.ParseBytes(line).ForEach(func(key, value gjson.Result) bool {
		if key.Str == "meta" {
			meta = value
		} else if slices.Contains(keep, strings.TrimPrefix(key.Str, "_")) {
			out = append(out, key.Raw+":"+value.Raw+","...)
		}
		return true
	})
	out = append(out, `"meta":`...)
	out = append(out, subsetted(meta)...)
	return append(out, "}\n"...)
}

// subsetted adds the tag that says that a resource is not complete.
func subsetted(meta gjson.Result) []byte {
	fields, tags := map[string]json.RawMessage{}, []json.RawMessage{}
	for name, value := range meta.Map() {
		fields[name] = json.RawMessage(value.Raw)
	}
	for _, tag := range meta.Get("tag").Array() {
		tags = append(tags, json.RawMessage(tag.Raw))
	}
	tags = append(tags, json.RawMessage(`{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}`))
	fields["tag"], _ = json.Marshal(tags) // parts of a valid line
	raw, _ := json.Marshal(fields)
	return raw
}
