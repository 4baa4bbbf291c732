package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

var (
	elementName  = regexp.MustCompile(`^([A-Z][A-Za-z]+\.)?[a-z][A-Za-z0-9]*$`)
	resourceType = regexp.MustCompile(`^[A-Z][A-Za-z]+$`)
	patientID    = regexp.MustCompile(`^(Patient/)?[A-Za-z0-9.-]{1,64}$`)
	hostName     = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]{1,5})?$`)
)

// known are the parameters that have a key of their own.
var known = map[string]string{
	"_type": "types", "_since": "since", "_until": "until", "_elements": "elements", "_typeFilter": "type_filters",
	"allowPartialManifests": "allow_partial_manifests", "_outputFormat": "output_format", "_minimumFileSize": "minimum_file_size", "_maximumFileSize": "maximum_file_size",
	"patient": "patients", "includeAssociatedData": "include_associated_data", "organizeOutputBy": "organize_output_by",
}

func checkExport(e Export) (m []mistake) {
	if !slices.Contains([]string{"system", "patient", "group"}, e.Level) {
		m = append(m, mistake{"export.level", oneOf("system", "patient", "group")})
	}
	if (e.Level == "group") != (e.Group != "") {
		m = append(m, mistake{"export.group", "a group's id goes with level: group"})
	}
	if e.Since.After(time.Now()) {
		m = append(m, mistake{"export.since", "it is in the future: nothing has changed since then"})
	}
	if !e.Until.IsZero() && !e.Until.After(e.Since) {
		m = append(m, mistake{"export.until", "must be later than export.since"})
	}
	if !slices.Contains([]string{"auto", "get", "post"}, e.Method) {
		m = append(m, mistake{"export.method", oneOf("auto", "get", "post")})
	}
	if e.OrganizeOutputBy != "" && !resourceType.MatchString(e.OrganizeOutputBy) {
		m = append(m, mistake{"export.organize_output_by", "want a resource type, such as Patient"})
	}
	if e.OutputFormat != "" && !slices.Contains([]string{"application/fhir+ndjson", "application/ndjson", "ndjson"}, e.OutputFormat) {
		m = append(m, mistake{"export.output_format", "claimlake reads application/fhir+ndjson, application/ndjson or ndjson only"})
	}
	if e.MinimumFileSize < 0 || e.MaximumFileSize < 0 || e.MaximumFileSize > 0 && e.MaximumFileSize < e.MinimumFileSize {
		m = append(m, mistake{"export.maximum_file_size", "want bytes, and no less than export.minimum_file_size"})
	}
	return slices.Concat(m, checkPatients(e), checkElements(e.Elements), checkCustom(e.Custom))
}

// checkPatients never quotes an id.
func checkPatients(e Export) (m []mistake) {
	if len(e.Patients) > 0 && e.Level == "system" {
		m = append(m, mistake{"export.patients", "goes with level: patient or group"})
	}
	if len(e.Patients) > 0 && e.Method == "get" {
		m = append(m, mistake{"export.method", "patients can be named by post only"})
	}
	for i, id := range e.Patients {
		if !patientID.MatchString(id) {
			m = append(m, mistake{fmt.Sprintf("export.patients[%d]", i), "want the id of a Patient"})
		}
	}
	return m
}

func checkElements(e Elements) (m []mistake) {
	for i, name := range e {
		switch {
		case e.FromMappings() || elementName.MatchString(name):
		case name == fromMappings:
			m = append(m, mistake{fmt.Sprintf("export.elements[%d]", i), "from-mappings stands alone"})
		default:
			m = append(m, mistake{fmt.Sprintf("export.elements[%d]", i), "want an element of the root, such as item or Claim.item"})
		}
	}
	return m
}

func checkCustom(parameters []Parameter) (m []mistake) {
	for i, p := range parameters {
		key := fmt.Sprintf("export.custom[%d].name", i)
		switch {
		case p.Name == "" || strings.ContainsAny(p.Name, "=&? \t\n"):
			m = append(m, mistake{key, "want the name of a parameter"})
		case known[p.Name] != "":
			m = append(m, mistake{key, "has a key of its own: export." + known[p.Name]})
		}
	}
	return m
}

func checkMode(e Export) (m []mistake) {
	if e.Mode != "export" && e.Mode != "search" && e.Mode != "publish" {
		return []mistake{{"export.mode", oneOf("export", "search", "publish")}}
	}
	for key, given := range map[string]bool{
		"level": e.Level != "system", "patients": len(e.Patients) > 0, "include_associated_data": len(e.IncludeAssociatedData) > 0,
		"organize_output_by": e.OrganizeOutputBy != "", "custom": len(e.Custom) > 0, "allow_partial_manifests": e.AllowPartialManifests,
		"output_format": e.OutputFormat != "", "minimum_file_size": e.MinimumFileSize > 0, "maximum_file_size": e.MaximumFileSize > 0,
	} {
		if e.Mode == "search" && given {
			m = append(m, mistake{"export." + key, "a search has no such thing: leave it out, or use type_filters"})
		}
		if e.Mode == "publish" && given {
			m = append(m, mistake{"export." + key, noSuchThing})
		}
	}
	for key, given := range map[string]bool{
		"since": !e.Since.IsZero(), "until": !e.Until.IsZero(), "elements": len(e.Elements) > 0, "type_filters": len(e.TypeFilters) > 0,
	} {
		if e.Mode == "publish" && given {
			m = append(m, mistake{"export." + key, noSuchThing})
		}
	}
	return m
}

const noSuchThing = "what is published is the same for everybody: leave it out"

func checkFullEvery(e Export) (m []mistake) {
	if _, err := e.Full(); err != nil {
		m = append(m, mistake{"export.full_every", "want never, or " + err.Error()})
	} else if e.FullEvery != "never" && !e.Whole() {
		m = append(m, mistake{"export.full_every", "goes with an export of all: without since, until, elements, type_filters, patients and custom"})
	}
	return m
}

func checkHosts(key string, hosts []string) (m []mistake) {
	for i, host := range hosts {
		if !hostName.MatchString(host) {
			m = append(m, mistake{fmt.Sprintf("source.%s[%d]", key, i), "want a host, such as files.example.org or files.example.org:8443"})
		}
	}
	return m
}
