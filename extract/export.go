package extract

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Level is what an export covers.
type Level string

// The levels of exports.
const (
	System  Level = "system"  // [base]/$export
	Patient Level = "patient" // [base]/Patient/$export
	Group   Level = "group"   // [base]/Group/[id]/$export
)

// Method is how a kick-off is sent.
type Method string

// The methods of a kick-off. Auto chooses by the server's CapabilityStatement.
const (
	Auto Method = ""
	GET  Method = "GET"  // parameters in the query, comma lists
	POST Method = "POST" // a Parameters resource, repeated parameters; STU4 has this only
)

// Export is what to ask for: the parameters of Bulk Data's kick-off request.
// Zero values are not sent.
type Export struct {
	Level Level
	Group string // id, with level Group
	// Method overrides what is chosen: POST where the server declares STU4 or
	// patients are named, else GET.
	Method Method

	Types                 []string  // _type; nil: all the server allows
	Narrow                bool      // nobody named Types: leave out those that the server does not export
	LeftOut               []string  // types that were left out of Types already, for Narrow
	Since                 time.Time // _since: changed after
	Until                 time.Time // _until: changed before
	Elements              []string  // _elements; what comes is tagged SUBSETTED
	TypeFilters           []string  // _typeFilter, such as "Claim?status=active"
	Patients              []string  // patient: ids; not at system level
	IncludeAssociatedData []string  // codes, such as LatestProvenanceResources
	OrganizeOutputBy      string    // a resource type, such as Patient
	AllowPartialManifests bool      // pages of the manifest before all is done
	OutputFormat          string    // _outputFormat
	MinFileSize           int64     // _minimumFileSize, bytes; a hint
	MaxFileSize           int64     // _maximumFileSize, bytes; a hint
	Custom                []Parameter
	Lenient               bool // Prefer: handling=lenient
	SeparateExportStatus  bool // Prefer: separate-export-status (STU4)
}

// Parameter is a parameter that only some servers know.
type Parameter struct{ Name, Value string }

var fhirID = regexp.MustCompile(`^[A-Za-z0-9.-]{1,64}$`)

// check reports what no server could answer.
func (e Export) check() error {
	switch {
	case e.Level == Group && !fhirID.MatchString(e.Group):
		return errors.New("an export of a group needs the group's id")
	case e.Level == System && len(e.Patients) > 0:
		return errors.New("an export of the whole system cannot be limited to patients: choose level patient or group")
	case e.Method == GET && len(e.Patients) > 0:
		return errors.New("patients can be named by POST only")
	case e.Level != System && e.Level != Patient && e.Level != Group:
		return fmt.Errorf("no such level of export: choose %s, %s or %s", System, Patient, Group)
	case !e.Since.IsZero() && !e.Until.IsZero() && !e.Since.Before(e.Until):
		return errors.New("the export's since is not before its until")
	}
	return nil
}

// Without is the export without types, and what is said of their resources.
func (e Export) Without(types []string) Export {
	if len(types) == 0 {
		return e
	}
	of := func(text, sep string) bool {
		resourceType, _, found := strings.Cut(text, sep)
		return found && slices.Contains(types, resourceType)
	}
	e.LeftOut = slices.Compact(slices.Sorted(slices.Values(slices.Concat(e.LeftOut, types))))
	e.Types = slices.DeleteFunc(slices.Clone(e.Types), func(t string) bool { return slices.Contains(types, t) })
	e.Elements = slices.DeleteFunc(slices.Clone(e.Elements), func(element string) bool { return of(element, ".") })
	e.TypeFilters = slices.DeleteFunc(slices.Clone(e.TypeFilters), func(filter string) bool { return of(filter, "?") })
	return e
}

// path is the operation's path below the base URL.
func (e Export) path() string {
	switch e.Level {
	case Patient:
		return "/Patient/$export"
	case Group:
		return "/Group/" + e.Group + "/$export"
	case System:
	}
	return "/$export"
}
