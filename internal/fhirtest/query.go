package fhirtest

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// query is a FHIR search of one resource type; all conditions must hold.
type query []condition

func (q query) matches(line []byte) bool {
	return !slices.ContainsFunc(q, func(holds condition) bool { return !holds(line) })
}

// parseQuery makes a query of search parameters; names that it does not know are returned.
func parseQuery(values url.Values) (q query, unknown []string, err error) {
	for name, got := range values {
		make, known := searchParameters[name]
		if !known {
			unknown = append(unknown, name)
			continue
		}
		for _, value := range got {
			c, err := make(value)
			if err != nil {
				return nil, nil, err
			}
			q = append(q, c)
		}
	}
	return q, unknown, nil
}

// parseTypeFilter reads a _typeFilter such as ExplanationOfBenefit?status=active.
func parseTypeFilter(text string) (resourceType string, q query, unknown []string, err error) {
	resourceType, search, ok := strings.Cut(text, "?")
	values, queryErr := url.ParseQuery(search)
	if !ok || queryErr != nil {
		return "", nil, nil, refuse(http.StatusBadRequest, "invalid", "a _typeFilter is not of the form Type?parameter=value")
	}
	q, unknown, err = parseQuery(values)
	return resourceType, q, unknown, err
}
