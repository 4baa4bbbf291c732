package extract

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFailures(t *testing.T) {
	issue := func(fields string) string {
		return `{"resourceType":"OperationOutcome","issue":[{` + fields + `}]}` + "\n"
	}
	of := func(types ...string) Failures { return Failures{Issues: 1, Types: types} }
	for name, tc := range map[string]struct {
		body string
		want Failures
		err  error
	}{
		"nothing":                          {"", Failures{}, nil},
		"blank lines":                      {"\n \r\n", Failures{}, nil},
		"what BCDA says":                   {issue(`"severity":"information","code":"informational","diagnostics":"Claim data is partially adjudicated"`), Failures{}, nil},
		"a warning":                        {issue(`"severity":"warning","code":"not-found","expression":["Claim"]`), Failures{}, nil},
		"success, of R5":                   {issue(`"severity":"success","code":"success"`), Failures{}, nil},
		"an error that points at a type":   {issue(`"severity":"error","code":"exception","expression":["Claim.item"]`), Failures{1, []string{"exception"}, []string{"Claim"}, false}, nil},
		"one text, not a list":             {issue(`"severity":"fatal","expression":"Patient"`), of("Patient"), nil},
		"by an XPath":                      {issue(`"severity":"error","location":["/f:Observation/f:code"]`), of("Observation"), nil},
		"by a reference":                   {issue(`"severity":"error","location":["Coverage/123","Claim/7"]`), of("Claim", "Coverage"), nil},
		"a text is no proof":               {issue(`"severity":"error","diagnostics":"Failed to export Observation: timeout"`), Failures{1, nil, []string{"Observation"}, true}, nil},
		"in the details":                   {issue(`"severity":"error","details":{"text":"no access to Claim/1","coding":[{"code":"x"}]}`), Failures{1, nil, []string{"Claim"}, true}, nil},
		"no type at all":                   {issue(`"severity":"error","code":"processing","diagnostics":"out of memory"`), Failures{1, []string{"processing"}, nil, true}, nil},
		"a word that is like a type":       {issue(`"severity":"error","expression":["Claims.all"]`), Failures{Issues: 1, All: true}, nil},
		"a code that could be content":     {issue(`"severity":"error","code":"Jane Doe","expression":["Claim"]`), of("Claim"), nil},
		"no severity":                      {issue(`"code":"exception","expression":["Claim"]`), Failures{1, []string{"exception"}, []string{"Claim"}, false}, nil},
		"a severity that FHIR has not":     {issue(`"severity":"ERROR","expression":["Claim"]`), of("Claim"), nil},
		"several lines, one of them fails": {issue(`"severity":"information"`) + issue(`"severity":"error","expression":["Claim"]`) + issue(`"severity":"warning"`), of("Claim"), nil},
		"several issues": {`{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"timeout","expression":["Claim"]},{"severity":"error","code":"exception"}]}`,
			Failures{2, []string{"exception", "timeout"}, []string{"Claim"}, true}, nil},
		"a line that is no JSON":        {"oops\n", unread, ErrNotOutcome},
		"another resource":              {`{"resourceType":"Claim","id":"1"}`, unread, ErrNotOutcome},
		"an outcome, then another line": {issue(`"severity":"information"`) + "{}\n", unread, ErrNotOutcome},
		"a cut line":                    {issue(`"severity":"information"`) + `{"resourceType":"OperationOut`, unread, errCutLine},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, send(200, tc.body), func(t *testing.T, c *Client) {
				got, err := c.Failures(t.Context(), fileOf(base+"/x", -1))
				if diff := cmp.Diff(tc.want, got); diff != "" || !errors.Is(err, tc.err) {
					t.Errorf("%v, %v\n%s", got, err, diff)
				}
			})
		})
	}
}

// A file that the server does not give may say anything.
func TestFailuresThatCannotBeRead(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"404": send(404, ""), "403": send(403, ""), "410": send(410, ""), "500": send(500, ""),
		"HTML": send(200, "<html>hello</html>", "Content-Type", "text/html"),
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, inTurn(h), func(t *testing.T, c *Client) {
				got, err := c.Failures(t.Context(), fileOf(base+"/x", -1))
				if err == nil || !got.Concern("Claim") || got.Issues == 0 {
					t.Errorf("%+v, %v", got, err)
				}
			})
		})
	}
}
