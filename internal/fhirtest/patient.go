package fhirtest

import (
	"strings"

	"github.com/tidwall/gjson"
)

// patientOf returns the id of the patient a resource is or is about; "" where
// it is about none, such as an Organization.
func patientOf(line []byte) string {
	if gjson.GetBytes(line, "resourceType").Str == "Patient" {
		return gjson.GetBytes(line, "id").String()
	}
	for _, path := range []string{"patient.reference", "subject.reference", "beneficiary.reference"} {
		if reference := gjson.GetBytes(line, path); reference.Exists() {
			return patientID(reference.String())
		}
	}
	return ""
}

// patientID returns the id in a reference to a patient: p1, Patient/p1,
// https://host/Patient/p1/_history/3 or urn:uuid:p1. "" where it is to another type.
func patientID(reference string) string {
	if id, ok := strings.CutPrefix(reference, "urn:uuid:"); ok {
		return id
	}
	reference, _, _ = strings.Cut(reference, "/_history/")
	parts := strings.Split(reference, "/")
	if n := len(parts); n > 1 && parts[n-2] != "Patient" {
		return ""
	}
	return parts[len(parts)-1]
}
