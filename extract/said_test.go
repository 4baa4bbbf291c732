package extract

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/claimlake/claimlake/extract/redact"
	"github.com/claimlake/claimlake/extract/smart"
)

// Whatever a server refuses, the user may read why, in its words; and neither the error's
// own text nor what fmt makes of it has them.
func TestServerSaysWhyItRefuses(t *testing.T) {
	const why = "type Coverage is not available to member-7 of Patient/p-1, filed under urn:x"
	outcome := `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"not-supported","diagnostics":"` + why + `"}]}`
	refuse := func(status int, export string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if export != "" {
				w.Header().Set("X-Export-Status", export)
			}
			text(w, status, outcome)
		}
	}
	e := Export{Level: Patient, Types: []string{"Coverage"}, Patients: []string{"member-7"}, TypeFilters: []string{"Coverage?identifier=urn:x"}, Method: POST}
	kickoff := func(t *testing.T, c *Client) error { _, err := c.Kickoff(t.Context(), e); return err }
	wait := func(t *testing.T, c *Client) error {
		_, err := c.Wait(t.Context(), Job{StatusURL: base + "/status?sig=member-7&x=urn:x"}, time.Hour, Watch{})
		return err
	}
	for name, tc := range map[string]struct {
		answer http.HandlerFunc
		do     func(*testing.T, *Client) error
	}{
		"a kick-off":                         {refuse(400, ""), kickoff},
		"an export, by its poll":             {refuse(404, ""), wait},
		"an export, with its status apart":   {refuse(200, "400 Bad Request"), wait},
		"a manifest that is an outcome":      {refuse(200, ""), wait},
		"an export that fails, after it was": {refuse(501, ""), wait},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, tc.answer, func(t *testing.T, c *Client) {
				err := tc.do(t, c)
				if err == nil {
					t.Fatal("it is not refused")
				}
				if got := strings.Join(redact.SaidIn(err), "|"); got != "type Coverage is not available to … of Patient/…, filed under …" {
					t.Errorf("said %q", got)
				}
				if all := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(all, "available") {
					t.Errorf("the words are in %s", all)
				}
			})
		})
	}
}

func TestTokenEndpointSaysWhyItRefuses(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/token" {
			text(w, 200, `{"token_endpoint":"`+base[:len("http://fhir.example.org")]+`/token"}`)
			return
		}
		id, secret, _ := r.BasicAuth()
		text(w, 401, `{"error":"invalid_client","error_description":"`+id+" with "+secret+" of "+r.Header.Get("Authorization")+` has expired"}`)
	})
	bubble(t, h, func(t *testing.T, c *Client) {
		s, err := smart.New(smart.Options{BaseURL: base, HTTP: c.o.HTTP, ClientID: "the-client", Credential: smart.ClientSecret{Secret: redact.New("hunter2")}})
		if err != nil {
			t.Fatal(err)
		}
		c.o.Tokens = s
		_, err = c.Kickoff(t.Context(), Export{Level: System, Method: GET})
		if got := strings.Join(redact.SaidIn(err), "|"); got != "invalid_client: … with … of Basic … has expired" {
			t.Errorf("said %q", got)
		}
	})
}
