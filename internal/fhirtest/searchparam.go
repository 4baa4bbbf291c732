package fhirtest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// condition is what one search parameter asks of a resource.
type condition func(line []byte) bool

// searchParameters are those that _typeFilter and search know, for all types.
var searchParameters = map[string]func(value string) (condition, error){
	"_id":          tokenParameter("id"),
	"_lastUpdated": dateParameter("meta.lastUpdated", "meta.lastUpdated"),
	"status":       tokenParameter("status"),
	"use":          tokenParameter("use"),
	"type":         tokenParameter("type.coding"),
	"patient":      patientParameter,
	"created":      dateParameter("created", "created"),
	"birthdate":    dateParameter("birthDate", "birthDate"),
	"service-date": dateParameter("billablePeriod.start", "billablePeriod.end"),
}

// tokenParameter makes conditions on a code, or on Codings by code, system|code or system|.
// Values separated by commas are alternatives.
func tokenParameter(path string) func(string) (condition, error) {
	return func(value string) (condition, error) {
		wanted := strings.Split(value, ",")
		return func(line []byte) bool {
			got := gjson.GetBytes(line, path)
			return slices.ContainsFunc(wanted, func(w string) bool { return matches(got, w) })
		}, nil
	}
}

func matches(got gjson.Result, wanted string) bool {
	if !got.IsArray() {
		return got.Exists() && got.String() == wanted
	}
	system, code, both := strings.Cut(wanted, "|")
	if !both {
		system, code = "", wanted
	}
	return slices.ContainsFunc(got.Array(), func(coding gjson.Result) bool {
		return (code == "" || coding.Get("code").String() == code) &&
			(system == "" || coding.Get("system").String() == system)
	})
}

// patientParameter makes conditions on the patient that a resource is about.
func patientParameter(value string) (condition, error) {
	wanted := map[string]bool{}
	for _, reference := range strings.Split(value, ",") {
		wanted[patientID(reference)] = true
	}
	return func(line []byte) bool { return wanted[patientOf(line)] }, nil
}

// dateParameter makes conditions on the time from the element at from to that at to.
func dateParameter(from, to string) func(string) (condition, error) {
	return func(value string) (condition, error) {
		prefix := "eq"
		if len(value) > 2 && slices.Contains([]string{"eq", "ne", "gt", "ge", "lt", "le", "sa", "eb"}, value[:2]) {
			prefix, value = value[:2], value[2:]
		}
		wanted, ok := parseDate(value)
		if !ok {
			return nil, refuse(http.StatusBadRequest, "value", "a search parameter's date is not a FHIR date")
		}
		return func(line []byte) bool {
			start, hasStart := parseDate(gjson.GetBytes(line, from).String())
			end, hasEnd := parseDate(gjson.GetBytes(line, to).String())
			return (hasStart || hasEnd) && interval{start.from, end.to}.compare(prefix, wanted)
		}, nil
	}
}

func joinSorted(names []string) string {
	slices.Sort(names)
	return strings.Join(names, ", ")
}
