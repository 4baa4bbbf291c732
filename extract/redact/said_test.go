package redact

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

type spoken struct{ Said Secret }

func (s spoken) Error() string      { return "refused" }
func (s spoken) ServerSaid() Secret { return s.Said }

func TestWhatServersSay(t *testing.T) {
	const outcome, text = "application/fhir+json", "text/plain"
	for name, tc := range map[string]struct{ kind, body, want string }{
		"SMART's reference server": {outcome, `{"resourceType":"OperationOutcome","text":{"div":"<div>x</div>"},"issue":[{"severity":"error","code":"processing","diagnostics":"The requested resource type \"Coverage\" is not available on this server"}]}`, `The requested resource type "Coverage" is not available on this server`},
		"HAPI":                     {outcome, `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"processing","diagnostics":"HAPI-0513: Must request async processing for $export"}]}`, "HAPI-0513: Must request async processing for $export"},
		"details":                  {outcome, `{"resourceType":"OperationOutcome","issue":[{"severity":"error","details":{"text":"no such type"},"diagnostics":"type Coverage is not available"}]}`, "no such type: type Coverage is not available"},
		"a coding":                 {outcome, `{"resourceType":"OperationOutcome","issue":[{"severity":"fatal","details":{"coding":[{"display":"Not supported"}]}}]}`, "Not supported"},
		"a warning and an error":   {outcome, `{"resourceType":"OperationOutcome","issue":[{"severity":"warning","diagnostics":"slow"},{"severity":"error","diagnostics":"no"},{"severity":"error","diagnostics":"no"}]}`, "no"},
		"many errors":              {outcome, `{"resourceType":"OperationOutcome","issue":[{"diagnostics":"a"},{"diagnostics":"b"},{"diagnostics":"c"},{"diagnostics":"d"}]}`, "a; b; c"},
		"OAuth":                    {"application/json", `{"error":"invalid_scope","error_description":"no system/*.rs for you"}`, "invalid_scope: no system/*.rs for you"},
		"an error that is no text": {"application/json", `{"error":{"code":7},"message":"quota"}`, "quota"},
		"a plain body":             {text, "Too many files\n", "Too many files"},
		"HTML":                     {"text/html", "<!DOCTYPE html><h1>502</h1>", ""},
		"HTML that is called text": {text, " <html><h1>502</h1>", ""},
		"nothing":                  {"", "", ""},
		"JSON of another kind":     {"application/json", `["x"]`, ""},
		"a resource":               {outcome, `{"resourceType":"Patient","name":[{"family":"Doe"}]}`, ""},
		"escape sequences":         {text, "\x1b]0;owned\x07 red\u202e\u2066 \r\nline", "?]0;owned? red?? line"},
		"invalid UTF-8":            {text, "a\xff\xfeb", "a?b"},
		"what was sent":            {text, "Bearer the-token of p-17 is bad", "Bearer … of … is bad"},
		"a reference":              {text, "could not read Patient/p1.a-b: https://h/r4/Claim/77?x=1", "could not read Patient/…: https://h/r4/Claim/…?…"},
		"a URL's query":            {text, "bad https://h/$export?_type=Patient&sig=s3cret here", "bad https://h/$export?… here"},
		"an id":                    {text, "member 123456789A of 2026-01-02", "member …A of 2026-01-02"},
		"much":                     {text, strings.Repeat("ab ", 1000), strings.TrimSpace(strings.Repeat("ab ", 133)) + " a …"},
	} {
		t.Run(name, func(t *testing.T) {
			got := Said(tc.kind, []byte(tc.body), "the-token", "p-17", "no")
			if got.Reveal() != tc.want {
				t.Errorf("got  %q\nwant %q", got.Reveal(), tc.want)
			}
		})
	}
}

func TestWordsAreFoundWhereverTheyAre(t *testing.T) {
	one, two := spoken{New("one")}, spoken{New("two")}
	err := fmt.Errorf("run 1: %w", errors.Join(fmt.Errorf("a: %w", one), two, one, spoken{}, errors.New("x")))
	if got := strings.Join(SaidIn(err), ", "); got != "one, two" {
		t.Errorf("got %s", got)
	}
	if got := SaidIn(nil); got != nil {
		t.Errorf("got %v of nothing", got)
	}
	for _, text := range []string{err.Error(), fmt.Sprintf("%v %+v %#v", err, one, &two)} {
		if strings.Contains(text, "two") || strings.Contains(text, "one") {
			t.Errorf("the words show in %s", text)
		}
	}
}
