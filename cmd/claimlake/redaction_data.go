package main

import (
	"fmt"
	"strings"

	"github.com/claimlake/claimlake/internal/fhirtest"
	"github.com/claimlake/claimlake/internal/leak"
)

// markedResources are a hundred lines, of which every value that a patient has is
// marked, in all places of resources and of lines that are none.
func markedResources() (patients, claims string) {
	n := 0
	next := func() string { n++; return fmt.Sprintf("%s%03d", leak.Mark, n) }
	var p, c strings.Builder
	for range 45 {
		id := next()
		fmt.Fprintf(&p, `{"resourceType":"Patient","id":%q,"identifier":[{"system":"http://hl7.org/fhir/sid/us-ssn","value":%q}],"name":[{"family":%q,"given":[%q]}],"telecom":[{"value":%q}],"address":[{"line":[%q]}]}`+"\n", id, next(), next(), next(), next(), next())
		fmt.Fprintf(&c, `{"resourceType":"Claim","id":%q,"patient":{"reference":"Patient/%s"},"item":[{"sequence":1,"productOrService":{"coding":[{"code":%q}]}}]}`+"\n", next(), id, next())
	}
	for _, broken := range []string{
		`{"resourceType":"Patient","id":%q`, `{"resourceType":"Patient","name":[{"family":%q}]}`, `[%q]`, `{"resourceType":%q,"id":"1"}`, `not JSON %q`,
		`{"resourceType":"Patient","id":"b1","birthDate":%q}`, `{"resourceType":"Patient","id":"b2","active":%q}`, `{"resourceType":"Patient","id":"b3","deceasedDateTime":{"x":%q}}`,
		`{"resourceType":"Patient","id":"b4","newElement":%q}`, `{"resourceType":"Claim","id":"b5","total":{"value":%q}}`,
	} {
		fmt.Fprintf(&p, broken+"\n", next())
	}
	return p.String(), c.String()
}

// markedDeletion deletes a patient that was never there.
const markedDeletion = `{"resourceType":"Bundle","type":"transaction","timestamp":"2024-06-01T00:00:00Z","entry":[{"request":{"method":"DELETE","url":"Patient/` + leak.Mark + `999"}}]}` + "\n"

// misfortune is what a server does while the marked resources are exported.
type misfortune struct {
	name   string
	faults []fhirtest.Fault
}

// misfortunes are such that claimlake notices at once: the others have it wait, and are
// tried by tests, whose clock takes no time.
func misfortunes() []misfortune {
	of := func(kind fhirtest.Kind, f fhirtest.Fault) []fhirtest.Fault {
		f.Kind = kind
		return []fhirtest.Fault{f}
	}
	token, kickoff, status, manifest, file := fhirtest.Token, fhirtest.Kickoff, fhirtest.Status, fhirtest.Manifest, fhirtest.File
	return []misfortune{
		{"nothing", nil},
		{"the client is refused", of(token, fhirtest.Fault{Status: 401})},
		{"the token is HTML", of(token, fhirtest.Fault{HTML: true})},
		{"tokens expire at each file", of(file, fhirtest.Fault{Attempt: 1, ExpireToken: true})},
		{"the kick-off fails", of(kickoff, fhirtest.Fault{Status: 400})},
		{"the kick-off is HTML", of(kickoff, fhirtest.Fault{HTML: true})},
		{"resources are left out", of(kickoff, fhirtest.Fault{Errors: []string{"without "}})},
		{"the export fails", of(kickoff, fhirtest.Fault{Fail: 410})},
		{"a poll is HTML", append(of(status, fhirtest.Fault{Attempt: 1, HTML: true, Status: 502}), of(manifest, fhirtest.Fault{Attempt: 1, HTML: true, Status: 404})...)},
		{"the export is gone", of(manifest, fhirtest.Fault{Status: 404})},
		{"the manifest is no JSON", of(manifest, fhirtest.Fault{HTML: true})},
		{"a file is cut once", of(file, fhirtest.Fault{Attempt: 1, Match: "Claim", CutAt: 100})},
		{"a file is refused", of(file, fhirtest.Fault{Match: "Claim-7", Status: 400})},
		{"a file is not there", of(file, fhirtest.Fault{Match: "Claim-7", Status: 404})},
		{"a file ends inside a line", of(file, fhirtest.Fault{Match: "Claim-7", Truncate: 150})},
		{"a file is HTML", of(file, fhirtest.Fault{Match: "Claim-7", HTML: true})},
		{"a file's gzip is damaged", of(file, fhirtest.Fault{Match: "Claim-7", Corrupt: fhirtest.GzipBody})},
		{"links expire", of(file, fhirtest.Fault{Attempt: 1, Match: "Claim", Expire: true})},
		{"a redirect elsewhere", of(file, fhirtest.Fault{Match: "Claim-7", Redirect: "http://files.invalid"})},
	}
}
