package fhirtest

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
)

func TestNewTellsMistakes(t *testing.T) {
	for name, tc := range map[string]struct {
		options Options
		want    string
	}{
		"no folder":               {Options{}, "Options.Dir"},
		"a folder that is gone":   {Options{Dir: "testdata/gone"}, "read the folder"},
		"another version":         {Options{Dir: "testdata", Version: "stu9"}, "stu1, stu2, stu3 or stu4"},
		"what is no resource":     {Options{Dir: folder(t, map[string]string{"a.ndjson": "[1]\n"})}, "a.ndjson"},
		"what is not compressed":  {Options{Dir: folder(t, map[string]string{"a.ndjson.gz": "{}"})}, "a.ndjson.gz"},
		"a client without an id":  {Options{Dir: "testdata", Clients: []Client{{Secret: "x"}}}, "client 1"},
		"a scope of another form": {Options{Dir: "testdata", Clients: []Client{{ID: "x", Scopes: []string{"all"}}}}, "client x"},
	} {
		t.Run(name, func(t *testing.T) {
			if s, err := New(tc.options); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, %v; want an error with %q", s, err, tc.want)
			}
		})
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	s, err := New(Options{Dir: folder(t, map[string]string{"a.ndjson.gz": pack(t, many(3))})})
	must(t, err)
	must(t, s.Close())
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestDiscovery(t *testing.T) {
	for v, operation := range map[string]string{"stu3": "export|3.0.0", "stu4": "export-v4|4.0.0"} {
		t.Run(v, func(t *testing.T) {
			s := guardedServer(t, Options{Version: v})
			var smart struct {
				TokenEndpoint string   `json:"token_endpoint"`
				Methods       []string `json:"token_endpoint_auth_signing_alg_values_supported"`
			}
			must(t, json.Unmarshal([]byte(s.get("/.well-known/smart-configuration").expect(t, http.StatusOK).body), &smart))
			if smart.TokenEndpoint != s.url+"/token" || strings.Join(smart.Methods, " ") != "RS384 ES384" {
				t.Errorf("got %+v", smart)
			}
			capability := s.get("/metadata").expect(t, http.StatusOK).body
			for _, part := range []string{"OperationDefinition/" + operation, `"valueUri":"` + s.url + `/token"`, `"fhirVersion":"4.0.1"`} {
				if !strings.Contains(capability, part) {
					t.Errorf("%s is not in %s", part, capability)
				}
			}
		})
	}
	open := serve(t, Options{})
	open.get("/.well-known/smart-configuration").expect(t, http.StatusNotFound)
	if strings.Contains(open.get("/metadata").expect(t, http.StatusOK).body, "oauth-uris") {
		t.Error("an open server names a token endpoint")
	}
}

func TestRequestsAreLogged(t *testing.T) {
	var logged []Request
	s := serve(t, Options{Log: func(r Request) { logged = append(logged, r) }})
	s.get("/Patient?_id=ada", "Range", "bytes=1-2", "Authorization", "Bearer x", "Accept", "application/fhir+json")
	s.get("/nothing/here")
	got := s.Requests()
	if len(got) != 2 || len(logged) != 2 || got[0] != logged[0] {
		t.Fatalf("got %+v and %+v", got, logged)
	}
	r := got[0]
	if r.Path != "/Patient" || !r.Query || !r.Token || r.Range != "bytes=1-2" || r.Kind != Search || r.Status != 200 || r.Bytes < 100 || r.Accept != "application/fhir+json" {
		t.Errorf("got %+v", r)
	}
	if got[1].Status != http.StatusNotFound || got[1].Query || got[1].Token {
		t.Errorf("got %+v", got[1])
	}
}
