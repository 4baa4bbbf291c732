package fhirtest

import "fmt"

// version is a release of the Bulk Data Access IG, in the order they came.
type version int

const (
	stu1 version = 1 + iota
	stu2
	stu3
	stu4
)

func parseVersion(s string) (version, error) {
	switch s {
	case "stu1":
		return stu1, nil
	case "stu2":
		return stu2, nil
	case "", "stu3":
		return stu3, nil
	case "stu4":
		return stu4, nil
	}
	return 0, fmt.Errorf("version %q of the Bulk Data Access IG is not known: use stu1, stu2, stu3 or stu4", s)
}

// operation is the canonical of the system-level $export.
func (v version) operation() string {
	const base = "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/"
	return [...]string{
		stu1: base + "export|1.0.0",
		stu2: base + "export|2.0.0",
		stu3: base + "export|3.0.0",
		stu4: base + "export-v4|4.0.0",
	}[v]
}

// takesGet reports whether a kick-off may be a GET, with commas inside a value.
func (v version) takesGet() bool { return v < stu4 }

// takesPost reports whether a kick-off may be a POST of Parameters.
func (v version) takesPost() bool { return v > stu1 }
