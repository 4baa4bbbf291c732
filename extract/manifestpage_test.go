package extract

import (
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

func mustURL(t testing.TB, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestManifestForms(t *testing.T) {
	const head = `{"transactionTime":"2026-01-02T03:04:05.678Z","requiresAccessToken":true,`
	at := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	type want struct {
		output, deleted, outcome []string // name, type and count of the first
		public                   bool
		organizedBy              string
	}
	for name, tc := range map[string]struct {
		body string
		want want
	}{
		"STU3":                        {head + `"request":"x","output":[{"type":"Claim","url":"https://h/1?s=1","count":3}],"error":[{"type":"OperationOutcome","url":"https://h/e"}]}`, want{output: []string{"https://h/1", "Claim", "3"}, outcome: []string{"https://h/e", "OperationOutcome", "-1"}}},
		"STU4":                        {head + `"manifestType":"x","outputFormat":"application/fhir+ndjson","output":[{"type":"Claim","url":"https://h/1","count":3,"fileSize":77}],"outcome":[{"url":"https://h/o","countSeverity":[{"code":"error","count":1}]}],"extension":[]}`, want{output: []string{"https://h/1", "Claim", "3"}, outcome: []string{"https://h/o", "", "-1"}}},
		"nothing to export":           {head + `"output":[]}`, want{}},
		"lists of null":               {head + `"output":null,"deleted":null,"error":null,"link":null,"extension":null}`, want{}},
		"capability URLs":             {strings.Replace(head, "true", "false", 1) + `"output":[{"type":"Claim","url":"https://h/1"}]}`, want{output: []string{"https://h/1", "Claim", "-1"}, public: true}},
		"no word about the token":     {`{"transactionTime":"2026-01-02T03:04:05.678Z","output":[{"type":"Claim","url":"https://h/1"}]}`, want{output: []string{"https://h/1", "Claim", "-1"}, public: true}},
		"booleans and counts as text": {strings.Replace(head, "true", `"true"`, 1) + `"output":[{"type":"Claim","url":"https://h/1","count":"12"}]}`, want{output: []string{"https://h/1", "Claim", "12"}}},
		"a count that is none":        {head + `"output":[{"type":"Claim","url":"https://h/1","count":{"n":1}}]}`, want{output: []string{"https://h/1", "Claim", "-1"}}},
		"a relative URL":              {head + `"output":[{"type":"Claim","url":"/files/1"}]}`, want{output: []string{"https://fhir.example.org/files/1", "Claim", "-1"}}},
		"another host":                {head + `"output":[{"type":"Claim","url":"http://s3.example.net:9000/1"}]}`, want{output: []string{"http://s3.example.net:9000/1", "Claim", "-1"}}},
		"deletions have no type":      {head + `"output":[],"deleted":[{"url":"https://h/d","count":1}]}`, want{deleted: []string{"https://h/d", "", "1"}}},
		"organized by patient":        {head + `"outputOrganizedBy":"Patient","output":[{"url":"https://h/1","continuesInFile":"https://h/nowhere"}]}`, want{output: []string{"https://h/1", "", "-1"}, organizedBy: "Patient"}},
		"organized by nothing":        {head + `"outputOrganizedBy":"","output":[{"type":"Claim","url":"https://h/1"}]}`, want{output: []string{"https://h/1", "Claim", "-1"}}},
		"a link that is not next":     {head + `"output":[],"link":[{"relation":"self","url":":"}]}`, want{}},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := parsePage([]byte(tc.body), mustURL(t, "https://fhir.example.org/r4/status/1"), "Fri, 02 Jan 2026 04:00:00 GMT")
			if err != nil {
				t.Fatal(err)
			}
			m := manifest([]*page{p})
			if !m.TransactionTime.Equal(at) || m.OrganizedBy != tc.want.organizedBy || m.RequiresToken == tc.want.public || m.Expires.Hour() != 4 {
				t.Errorf("%+v", m)
			}
			for _, list := range []struct {
				files []File
				want  []string
			}{{m.Output, tc.want.output}, {m.Deleted, tc.want.deleted}, {m.Outcome, tc.want.outcome}} {
				if (len(list.files) == 0) != (list.want == nil) {
					t.Fatalf("files %+v, want %v", list.files, list.want)
				}
				for _, f := range list.files {
					if f.Name != list.want[0] || f.Type != list.want[1] || strconv.FormatInt(f.Count, 10) != list.want[2] || f.public != tc.want.public {
						t.Errorf("file %+v, want %v", f, list.want)
					}
				}
			}
		})
	}
}

func TestWhatIsNoManifest(t *testing.T) {
	for name, tc := range map[string]struct{ body, err string }{
		"HTML":                         {"<html>Jane</html>", "not a manifest"},
		"cut JSON":                     {`{"transactionTime":"2026-01-02T03:04:05Z","output":[`, "not a manifest"},
		"another resource":             {`{"resourceType":"OperationOutcome"}`, "not a manifest"},
		"a list":                       {`[]`, "not a manifest"},
		"a transactionTime that fails": {`{"transactionTime":"Jane","output":[]}`, "transactionTime is not an instant"},
		"a file without URL":           {`{"transactionTime":"2026-01-02T03:04:05Z","output":[{"type":"Claim"}]}`, "output 1: its URL is not one"},
		"a file of the local disk":     {`{"transactionTime":"2026-01-02T03:04:05Z","output":[],"deleted":[{"url":"https://h/1"},{"url":"file:///Jane"}]}`, "deleted 2: its URL is not one"},
		"a next page without URL":      {`{"transactionTime":"2026-01-02T03:04:05Z","output":[],"link":[{"relation":"next","url":""}]}`, "its URL is not one"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parsePage([]byte(tc.body), mustURL(t, base+"/status/1"), "")
			if err == nil || !strings.Contains(err.Error(), tc.err) || strings.Contains(err.Error(), "Jane") {
				t.Errorf("error %v, want %s", err, tc.err)
			}
		})
	}
}

func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"transactionTime":"2026-01-02T03:04:05Z","requiresAccessToken":true,"output":[{"type":"Claim","url":"https://h/1","count":3}],"deleted":[{"url":"/d"}],"error":[],"link":[{"relation":"next","url":"?page=2"}]}`))
	f.Add([]byte(`{"transactionTime":"1795460886997","outcome":[{"url":"x","count":"1"}]}`))
	where, err := url.Parse(base + "/status/1")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := parsePage(body, where, string(body))
		if err != nil {
			return
		}
		m := manifest([]*page{p})
		for _, list := range [][]File{m.Output, m.Deleted, m.Outcome} {
			for _, f := range list {
				if u := f.url(); u == nil || u.Host == "" || f.Count < -1 || f.Size < -1 || strings.Contains(f.Name, "?") {
					t.Errorf("file %+v", f)
				}
			}
		}
	})
}
