package fhirtest

import (
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// maxParameters is the size of a kick-off's body in bytes.
const maxParameters = 1 << 20

// values returns the parameters of a kick-off, from the query of a GET or the
// Parameters resource of a POST.
func (s *Server) values(w http.ResponseWriter, x *exchange) (url.Values, error) {
	switch {
	case x.Method == http.MethodGet && !s.version.takesGet():
		w.Header().Set("Allow", http.MethodPost)
		return nil, refuse(http.StatusMethodNotAllowed, "not-supported", "since STU4 a kick-off is a POST of Parameters")
	case x.Method == http.MethodPost && !s.version.takesPost():
		w.Header().Set("Allow", http.MethodGet)
		return nil, refuse(http.StatusMethodNotAllowed, "not-supported", "in STU1 a kick-off is a GET")
	case x.Method == http.MethodGet:
		values, err := url.ParseQuery(x.URL.RawQuery)
		if err != nil {
			return nil, refuse(http.StatusBadRequest, "invalid", "the query cannot be decoded")
		}
		return values, nil
	case x.URL.RawQuery != "":
		return nil, refuse(http.StatusBadRequest, "invalid", "a POST has its parameters in the body")
	}
	if kind, _, _ := mime.ParseMediaType(x.Header.Get("Content-Type")); kind != fhirJSON {
		return nil, refuse(http.StatusUnsupportedMediaType, "not-supported", "the Content-Type of Parameters must be %s", fhirJSON)
	}
	return bodyValues(http.MaxBytesReader(w, x.Body, maxParameters))
}

func bodyValues(body io.Reader) (url.Values, error) {
	var resource struct {
		ResourceType string                       `json:"resourceType"`
		Parameter    []map[string]json.RawMessage `json:"parameter"`
	}
	if err := json.NewDecoder(body).Decode(&resource); err != nil || resource.ResourceType != "Parameters" {
		return nil, refuse(http.StatusBadRequest, "structure", "the body is not a Parameters resource")
	}
	values := url.Values{}
	for _, p := range resource.Parameter {
		var name string
		if err := json.Unmarshal(p["name"], &name); err != nil || name == "" {
			return nil, refuse(http.StatusBadRequest, "structure", "a parameter has no name")
		}
		value, ok := parameterValue(p)
		if !ok {
			return nil, refuse(http.StatusBadRequest, "value", "parameter %s has no value, or none of a type that is known here", name)
		}
		values.Add(name, value)
	}
	return values, nil
}

// parameterValue returns a value[x] as it would stand in a query: of a
// Reference its reference, of a Coding its code.
func parameterValue(p map[string]json.RawMessage) (string, bool) {
	for key, raw := range p {
		switch strings.TrimPrefix(key, "value") {
		case "String", "Instant", "DateTime", "Code", "Uri", "Canonical":
			var text string
			return text, json.Unmarshal(raw, &text) == nil
		case "Boolean", "PositiveInt", "Integer":
			return string(raw), true
		case "Reference", "Coding":
			var v struct{ Reference, Code string }
			err := json.Unmarshal(raw, &v)
			return v.Reference + v.Code, err == nil && v.Reference+v.Code != ""
		}
	}
	return "", false
}
