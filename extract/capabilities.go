package extract

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

const maxCapabilityBytes = 32 << 20

// Capabilities is what a server declares of itself.
type Capabilities struct {
	Software    string // name and version, as the server writes them
	FHIRVersion string
	Exports     bool   // declares an export operation, at some level
	BulkData    string // latest version of the Bulk Data IG that is declared, such as 3.0.0; "" for none
	STU4        bool   // declares Bulk Data 4: POST and repeated parameters
	// Types are the resource types that can be read or searched, as far as declared; nil
	// where nothing is said of that.
	Types []string
}

// capabilityStatement is the part of the resource that is read.
type capabilityStatement struct {
	ResourceType string
	FHIRVersion  string
	Software     struct{ Name, Version string }
	Instantiates []string
	Rest         []struct {
		Operation []operation
		Resource  []struct {
			Type        string
			Interaction []struct{ Code string }
			Operation   []operation
		}
	}
}

// operation is one of a server's. R4 writes its definition as a canonical, STU3
// as a reference, so it is looked at later.
type operation struct {
	Name       string
	Definition json.RawMessage
}

// Capabilities asks the server for its CapabilityStatement. The error is an
// *Error or the context's.
func (c *Client) Capabilities(ctx context.Context) (Capabilities, error) {
	call := call{doing: "read the CapabilityStatement of", method: http.MethodGet, url: c.at("/metadata"), header: accept("application/fhir+json")}
	res, err := c.do(ctx, call)
	if err != nil {
		return Capabilities{}, err
	}
	body, failure := call.readBody(res, maxCapabilityBytes)
	if failure != nil {
		return Capabilities{}, failure
	}
	var s capabilityStatement
	if err := json.Unmarshal(body, &s); err != nil || s.ResourceType != "CapabilityStatement" {
		return Capabilities{}, call.dataFailure(res, body, "a CapabilityStatement")
	}
	return Capabilities{
		Software:    strings.TrimSpace(s.Software.Name + " " + s.Software.Version),
		FHIRVersion: s.FHIRVersion,
		Exports:     len(s.exports()) > 0,
		BulkData:    s.bulkData(),
		STU4:        s.stu4(),
		Types:       s.types(),
	}, nil
}

// types are those that the server says can be read or searched. Servers that only export
// list some types for their operations' sake.
func (s capabilityStatement) types() (types []string) {
	for _, rest := range s.Rest {
		for _, r := range rest.Resource {
			readable := func(i struct{ Code string }) bool { return i.Code == "read" || i.Code == "search-type" }
			if slices.ContainsFunc(r.Interaction, readable) {
				types = append(types, r.Type)
			}
		}
	}
	return types
}

// bulkDataVersion is the version that ends a canonical of the Bulk Data IG.
var bulkDataVersion = regexp.MustCompile(`/uv/bulkdata/[^|]*\|([0-9][0-9A-Za-z.-]{0,30})`)

// exports are the definitions of the export operations at all levels. Servers
// call them export, $export or patient-export.
func (s capabilityStatement) exports() []string {
	var definitions []string
	for _, rest := range s.Rest {
		for _, r := range rest.Resource {
			rest.Operation = append(rest.Operation, r.Operation...)
		}
		for _, o := range rest.Operation {
			if definition := string(o.Definition); strings.HasSuffix(o.Name, "export") || strings.Contains(definition, "/uv/bulkdata/") {
				definitions = append(definitions, definition)
			}
		}
	}
	return definitions
}

// bulkData is the latest version of the Bulk Data IG in any canonical.
func (s capabilityStatement) bulkData() string {
	latest := ""
	for _, canonical := range append(s.exports(), s.Instantiates...) {
		if found := bulkDataVersion.FindStringSubmatch(canonical); found != nil {
			latest = max(latest, found[1])
		}
	}
	return latest
}

// stu4 reports whether version 4 of the Bulk Data IG or of an export operation
// is declared. Canonicals end in |version.
func (s capabilityStatement) stu4() bool {
	for _, canonical := range s.Instantiates {
		if strings.Contains(canonical, "/uv/bulkdata/") && strings.Contains(canonical, "|4.") {
			return true
		}
	}
	return slices.ContainsFunc(s.exports(), func(definition string) bool {
		return strings.Contains(definition, "|4.") || strings.Contains(definition, "export-v4")
	})
}
