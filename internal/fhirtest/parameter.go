package fhirtest

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// parameter is a kick-off parameter (Bulk Data, "Query Parameters").
type parameter struct {
	since version // that has it
	list  bool    // may have several values, before STU4 also separated by commas
}

var parameters = map[string]parameter{
	"_outputFormat":         {since: stu1},
	"_since":                {since: stu1},
	"_type":                 {since: stu1, list: true},
	"_typeFilter":           {since: stu1, list: true},
	"_elements":             {since: stu2, list: true},
	"patient":               {since: stu2, list: true},
	"includeAssociatedData": {since: stu2, list: true},
	"_until":                {since: stu3},
	"organizeOutputBy":      {since: stu3},
	"allowPartialManifests": {since: stu3},
	"_minimumFileSize":      {since: stu4},
	"_maximumFileSize":      {since: stu4},
}

// check refuses or, where the client is lenient, drops what the version does
// not have; it returns what was dropped.
func (v version) check(values url.Values, lenient bool) (dropped []string, err error) {
	for name, got := range values {
		p, known := parameters[name]
		switch {
		case known && p.since <= v && (p.list || len(got) == 1):
		case lenient:
			delete(values, name)
			dropped = append(dropped, name)
		case known && p.since <= v:
			return nil, refuse(http.StatusBadRequest, "invalid", "parameter %s may come only once", name)
		default:
			return nil, refuse(http.StatusBadRequest, "not-supported", "a parameter is not supported; supported here are %s", v.supported())
		}
	}
	return dropped, nil
}

func (v version) supported() string {
	var names []string
	for name, p := range parameters {
		if p.since <= v {
			names = append(names, name)
		}
	}
	return joinSorted(names)
}

// split takes the values of list parameters apart. STU4 wants one value each.
func (v version) split(values url.Values) error {
	for name, got := range values {
		if !parameters[name].list {
			continue
		}
		var parts []string
		for _, value := range got {
			apart := splitList(name, value)
			if v == stu4 && len(apart) > 1 {
				return refuse(http.StatusBadRequest, "invalid", "parameter %s: repeat the parameter instead of a list with commas", name)
			}
			parts = append(parts, apart...)
		}
		values[name] = parts
	}
	return nil
}

// nextQuery is where in a list of type filters another one begins: their values may have commas too.
var nextQuery = regexp.MustCompile(`,[A-Z][A-Za-z]*\?`)

func splitList(name, value string) []string {
	if name != "_typeFilter" {
		return strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
	}
	var parts []string
	start := 0
	for _, at := range nextQuery.FindAllStringIndex(value, -1) {
		parts = append(parts, value[start:at[0]])
		start = at[0] + 1
	}
	return append(parts, value[start:])
}
