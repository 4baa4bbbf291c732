package extract

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// everything is an export with all parameters.
var everything = Export{
	Level: Group, Group: "all-members",
	Types: []string{"Patient", "Claim"}, Elements: []string{"id", "Claim.item"},
	Since: time.Date(2026, 1, 2, 3, 4, 5, 678901000, time.FixedZone("", 3600)), Until: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC),
	TypeFilters:           []string{"Claim?status=active", "ExplanationOfBenefit?service-date=ge2024-01-01"},
	IncludeAssociatedData: []string{"LatestProvenanceResources", "_own"},
	OrganizeOutputBy:      "Patient", AllowPartialManifests: true, OutputFormat: "application/fhir+ndjson",
	MinFileSize: 1000, MaxFileSize: 2000, Custom: []Parameter{{"_x", "1"}, {"_x", "2"}},
	Lenient: true, SeparateExportStatus: true,
}

// golden compares got with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	want, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(string(want)) != strings.TrimSpace(got) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

// readable shows a query's parameters one a line.
func readableQuery(t *testing.T, query string) string {
	t.Helper()
	var lines []string
	for _, p := range strings.Split(query, "&") {
		line, err := url.QueryUnescape(p)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func TestKickoffEncodings(t *testing.T) {
	golden(t, "kickoff.query", readableQuery(t, everything.query()))
	for name, stu4 := range map[string]bool{"kickoff.stu3.json": false, "kickoff.stu4.json": true} {
		e := everything
		e.Patients = []string{"1", "Patient/2"}
		body, err := e.body(stu4)
		if err != nil {
			t.Fatal(err)
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, body, "", "  "); err != nil {
			t.Fatal(err)
		}
		golden(t, name, indented.String())
	}
	if got := (Export{Level: System}).query(); got != "" {
		t.Errorf("an export of all there is asks for %q", got)
	}
}

func TestTypeFilterWithACommaIsNotCutInTwo(t *testing.T) {
	e := Export{Level: System, TypeFilters: []string{"Claim?status=active,draft", "Patient?active=true"}}
	if got := readableQuery(t, e.query()); got != "_typeFilter=Claim?status=active,draft\n_typeFilter=Patient?active=true" {
		t.Error(got)
	}
}

func TestMethodFollowsTheServer(t *testing.T) {
	statement := func(text string) string {
		return `{"resourceType":"CapabilityStatement","fhirVersion":"4.0.1",` + text + `}`
	}
	for name, tc := range map[string]struct {
		metadata string // "" for 404
		export   Export
		want     string
		coding   bool
	}{
		"nothing is known":            {"", Export{}, "GET", false},
		"not FHIR":                    {"<html>", Export{}, "GET", false},
		"STU2":                        {statement(`"instantiates":["http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data|2.0.0"],"rest":[{"operation":[{"name":"export","definition":"http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export"}]}]`), Export{}, "GET", false},
		"STU4, instantiated":          {statement(`"instantiates":["http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data|4.0.0"]`), Export{}, "POST", true},
		"STU4, by operation":          {statement(`"rest":[{"operation":[{"name":"export","definition":"http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export|4.0.0"}]}]`), Export{}, "POST", true},
		"both, by operation at Group": {statement(`"rest":[{"resource":[{"operation":[{"name":"group-export","definition":"http://hl7.org/fhir/uv/bulkdata/OperationDefinition/group-export|3.0.0"},{"name":"x","definition":"http://hl7.org/fhir/uv/bulkdata/OperationDefinition/group-export-v4"}]}]}]`), Export{}, "POST", true},
		"STU3 with a reference":       {statement(`"rest":[{"operation":[{"name":"export","definition":{"reference":"OperationDefinition/export"}}]}]`), Export{}, "GET", false},
		"another operation 4.0":       {statement(`"rest":[{"operation":[{"name":"match","definition":"http://example.org/match|4.0.0"}]}]`), Export{}, "GET", false},
		"GET is wanted":               {statement(`"instantiates":["http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data|4.0.0"]`), Export{Method: GET}, "GET", false},
		"POST is wanted":              {"", Export{Method: POST}, "POST", false},
		"patients are named":          {"", Export{Level: Patient, Patients: []string{"1"}}, "POST", false},
	} {
		t.Run(name, func(t *testing.T) {
			h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/r4/metadata" && tc.metadata == "":
					http.NotFound(w, r)
				case r.URL.Path == "/r4/metadata":
					text(w, 200, tc.metadata)
				default:
					body, err := io.ReadAll(r.Body)
					isParameters := strings.Contains(string(body), `"resourceType":"Parameters"`) && r.Header.Get("Content-Type") == "application/fhir+json" && r.URL.RawQuery == ""
					if err != nil || r.Method != tc.want || isParameters != (tc.want == "POST") || tc.coding != strings.Contains(string(body), "valueCoding") {
						t.Errorf("%s %s %s", r.Method, r.URL, body)
					}
					w.Header().Set("Content-Location", "/status")
					w.WriteHeader(202)
				}
			})
			bubble(t, h, func(t *testing.T, c *Client) {
				e := tc.export
				e.IncludeAssociatedData = []string{"RelevantProvenanceResources"}
				if e.Level == "" {
					e.Level = System
				}
				if _, err := c.Kickoff(t.Context(), e); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestKickoffAnswers(t *testing.T) {
	accepted := func(location string) reply { return reply{status: 202, header: []string{"Content-Location", location}} }
	for name, tc := range map[string]struct {
		replies []reply
		want    string
		class   Class
		err     string
	}{
		"absolute":                           {[]reply{accepted("https://jobs.example.org/1?s=1")}, "https://jobs.example.org/1?s=1", "", ""},
		"relative":                           {[]reply{accepted("status/1")}, base + "/Group/all-members/status/1", "", ""},
		"busy, then accepted":                {[]reply{{status: 429, header: []string{"Retry-After", "0"}}, accepted("/1")}, "http://fhir.example.org/1", "", ""},
		"failed, then accepted":              {[]reply{{status: 503}, accepted("/1")}, "http://fhir.example.org/1", "", ""},
		"busy without end":                   {[]reply{{status: 429}}, "", Throttled, "runs another export"},
		"a parameter is refused":             {[]reply{{status: 400, body: finalIssue}}, "", Request, "issue processing: the server does not support what is asked"},
		"no such operation":                  {[]reply{{status: 501}}, "", Request, "does not support"},
		"no right to":                        {[]reply{{status: 403}}, "", Auth, "the client may not do this"},
		"no Content-Location":                {[]reply{{status: 202}}, "", Data, "no Content-Location"},
		"a Content-Location of another kind": {[]reply{accepted("ftp://h/1")}, "", Data, "not a URL"},
		"a page":                             {[]reply{{status: 200, body: "<html>"}}, "", Data, "no Content-Location"},
	} {
		t.Run(name, func(t *testing.T) {
			e := everything
			e.Method = GET
			e.AllowPartialManifests = false
			h := replies(t, map[string][]reply{e.path(): nil, "/r4" + e.path() + "?" + e.query(): tc.replies})
			bubble(t, h, func(t *testing.T, c *Client) {
				job, err := c.Kickoff(t.Context(), e)
				if tc.class == "" {
					if err != nil || job.StatusURL != tc.want || job.Started.IsZero() {
						t.Error(job, err)
					}
					return
				}
				if failure, ok := errors.AsType[*Error](err); !ok || failure.Class != tc.class || !strings.Contains(err.Error(), tc.err) || strings.Contains(err.Error(), "Jane") || strings.Contains(err.Error(), "_since") {
					t.Errorf("error %v, want %s: %s", err, tc.class, tc.err)
				}
			})
		})
	}
}

// A server that refuses allowPartialManifests, whatever it says, is asked without it; what
// it refuses then is told. A failure of another kind is none of the parameter.
func TestKickoffWithoutPartialManifests(t *testing.T) {
	accepted := reply{status: 202, header: []string{"Content-Location", "/1"}}
	for name, tc := range map[string]struct {
		with, without []reply // nil: not asked
		err           string
	}{
		"taken":                        {with: []reply{accepted}},
		"refused":                      {with: []reply{{status: 400, body: finalIssue}}, without: []reply{accepted}},
		"refused as 501":               {with: []reply{{status: 501}}, without: []reply{accepted}},
		"refused as 422, without FHIR": {with: []reply{{status: 422, body: "no"}}, without: []reply{accepted}},
		"both are refused":             {with: []reply{{status: 400}}, without: []reply{{status: 400, body: finalIssue}}, err: "issue processing"},
		"not allowed":                  {with: []reply{{status: 403}}, err: "the client may not do this"},
		"no such group":                {with: []reply{{status: 404}}, err: "no longer has it"},
		"failed":                       {with: []reply{{status: 500}}, err: "the server failed"},
	} {
		t.Run(name, func(t *testing.T) {
			e := everything
			e.Method = GET
			without := e
			without.AllowPartialManifests = false
			at := func(e Export) string { return "/r4" + e.path() + "?" + e.query() }
			bubble(t, replies(t, map[string][]reply{at(e): tc.with, at(without): tc.without}), func(t *testing.T, c *Client) {
				job, err := c.Kickoff(t.Context(), e)
				if (err == nil) != (tc.err == "") || err != nil && !strings.Contains(err.Error(), tc.err) || err == nil && job.StatusURL == "" {
					t.Error(job, err)
				}
			})
		})
	}
}

func TestPreferHeader(t *testing.T) {
	if got := everything.header()["Prefer"]; !slices.Equal(got, []string{"respond-async, separate-export-status, handling=lenient"}) {
		t.Error(got)
	}
}

func TestExportsThatMakeNoSense(t *testing.T) {
	for name, e := range map[string]Export{
		"no level":               {},
		"a group without id":     {Level: Group},
		"a group that is a path": {Level: Group, Group: "../metadata"},
		"the system's patients":  {Level: System, Patients: []string{"1"}},
		"patients by GET":        {Level: Patient, Patients: []string{"1"}, Method: GET},
		"since after until":      {Level: System, Since: everything.Until, Until: everything.Since},
	} {
		if e.check() == nil {
			t.Errorf("%s is asked for", name)
		}
	}
}
