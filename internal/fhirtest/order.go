package fhirtest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

type level string

const (
	systemLevel  level = "system"
	patientLevel level = "patient"
	groupLevel   level = "group"
)

// order is what a kick-off asks for, checked.
type order struct {
	selection
	fileBytes   int64
	organizedBy string
	partial     bool     // allowPartialManifests
	associated  []string // types that includeAssociatedData adds
	outcomes    []operationOutcome
}

// order reads the parameters of a kick-off.
func (s *Server) order(x *exchange, at level, values url.Values, lenient bool, now contents) (*order, error) {
	o := &order{fileBytes: s.options.FileBytes}
	if values.Has("patient") && (at == systemLevel || x.Method == http.MethodGet) {
		values.Del("patient")
		if err := o.ignore(lenient, "patient can only be sent by POST and not at system level"); err != nil {
			return nil, err
		}
	}
	dropped, err := s.version.check(values, lenient)
	if err != nil {
		return nil, err
	}
	for _, name := range dropped {
		o.warn("parameter %s was ignored: it is not supported", name)
	}
	if err := s.version.split(values); err != nil {
		return nil, err
	}
	if at == groupLevel {
		if o.patients, err = now.members(x.PathValue("id")); err != nil {
			return nil, err
		}
	}
	for _, read := range []func(url.Values, bool) error{o.readFormat, o.readTimes, o.readFilters, o.readAssociated, o.readHints} {
		if err := read(values, lenient); err != nil {
			return nil, err
		}
	}
	o.readPatients(values["patient"])
	for _, t := range values["_type"] {
		if len(s.options.Types) > 0 && !slices.Contains(s.options.Types, t) {
			return nil, refuse(http.StatusBadRequest, "processing", "The requested resource type %q is not available on this server", t)
		}
	}
	if bad := slices.DeleteFunc(slices.Clone(values["_type"]), func(t string) bool { return !slices.Contains(s.options.SystemOnly, t) }); at != systemLevel && len(bad) > 0 {
		return nil, refuse(http.StatusBadRequest, "processing", "HAPI-0512: Resource types [%s] are invalid for this type of export, as they do not contain search parameters that refer to patients.", strings.Join(bad, ","))
	}
	o.readTypes(x.grant.scopes, values)
	return o, nil
}

// warn says in the export's outcome files what of the request was ignored.
func (o *order) warn(format string, args ...any) {
	o.outcomes = append(o.outcomes, outcome("warning", "not-supported", fmt.Sprintf(format, args...)))
}

// ignore warns where the client is lenient and refuses where it is not.
func (o *order) ignore(lenient bool, text string) error {
	if !lenient {
		return refuse(http.StatusBadRequest, "not-supported", "%s", text)
	}
	o.warn("%s", text)
	return nil
}

func (o *order) readFormat(values url.Values, _ bool) error {
	formats := []string{"", "application/fhir+ndjson", "application/ndjson", "ndjson"}
	if !slices.Contains(formats, values.Get("_outputFormat")) {
		return refuse(http.StatusBadRequest, "not-supported", "_outputFormat can only be application/fhir+ndjson")
	}
	return nil
}

func (o *order) readTimes(values url.Values, _ bool) error {
	for name, to := range map[string]*time.Time{"_since": &o.since, "_until": &o.until} {
		if !values.Has(name) {
			continue
		}
		at, err := time.Parse(time.RFC3339, values.Get(name))
		if err != nil {
			return refuse(http.StatusBadRequest, "value", "%s is not a FHIR instant", name)
		}
		*to = at
	}
	return nil
}

func (o *order) readFilters(values url.Values, _ bool) error {
	o.elements = parseElements(values["_elements"])
	o.queries = map[string][]query{}
	for _, text := range values["_typeFilter"] {
		resourceType, q, unknown, err := parseTypeFilter(text)
		if err != nil {
			return err
		}
		if len(unknown) > 0 {
			o.warn("_typeFilter: %d search parameters were ignored: they are not supported", len(unknown))
		}
		o.queries[resourceType] = append(o.queries[resourceType], q)
	}
	return nil
}

func (o *order) readAssociated(values url.Values, lenient bool) error {
	for _, value := range values["includeAssociatedData"] {
		if value == "LatestProvenanceResources" || value == "RelevantProvenanceResources" {
			o.associated = []string{"Provenance"}
		} else if err := o.ignore(lenient, "includeAssociatedData can only be LatestProvenanceResources or RelevantProvenanceResources"); err != nil {
			return err
		}
	}
	return nil
}

func (o *order) readHints(values url.Values, lenient bool) error {
	o.partial = values.Get("allowPartialManifests") == "true"
	if o.organizedBy = values.Get("organizeOutputBy"); o.organizedBy != "" && o.organizedBy != "Patient" {
		o.organizedBy = ""
		if err := o.ignore(lenient, "organizeOutputBy can only be Patient"); err != nil {
			return err
		}
	}
	for _, name := range []string{"_minimumFileSize", "_maximumFileSize"} {
		if !values.Has(name) {
			continue
		}
		size, err := strconv.ParseInt(values.Get(name), 10, 64)
		if err != nil || size < 1 {
			return refuse(http.StatusBadRequest, "value", "%s is not a positiveInt", name)
		}
		if name == "_maximumFileSize" {
			o.fileBytes = min(o.fileBytes, size)
		} else {
			o.fileBytes = max(o.fileBytes, size)
		}
	}
	return nil
}

// readPatients narrows the export to patients, within those of the group.
func (o *order) readPatients(references []string) {
	if len(references) == 0 {
		return
	}
	within := o.patients
	o.patients = map[string]bool{}
	for _, reference := range references {
		if id := patientID(reference); within == nil || within[id] {
			o.patients[id] = true
		}
	}
}

// readTypes narrows the export to _type and to what the token allows, and says
// nothing where the latter is less, as real servers do.
func (o *order) readTypes(granted scopes, values url.Values) {
	types := values["_type"]
	if len(types) > 0 {
		types = append(types, o.associated...)
	}
	o.allowed = func(resourceType string) bool {
		return granted.exports(resourceType) && (len(types) == 0 || slices.Contains(types, resourceType))
	}
}
