package redact

import (
	"cmp"
	"encoding/json"
	"mime"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

const (
	maxSaid       = 400 // characters
	maxSaidIssues = 3
)

// Said is why a server refuses a request, in its own words: the text of an
// OperationOutcome's errors, of an OAuth error, or of a plain body. A page for people
// says nothing. Nobody knows what a server writes there, so it is a Secret: it is for
// the user's eyes, and no log, ledger or trail gets it. It is one line without control
// characters, of bounded length, and without what was sent, ids of resources and
// queries of URLs.
func Said(contentType string, body []byte, sent ...string) Secret {
	text := words(contentType, body)
	for _, s := range sent {
		if len(s) >= minSent {
			text = strings.ReplaceAll(text, s, masked)
		}
	}
	text = urlQuery.ReplaceAllString(text, "?"+masked)
	text = reference.ReplaceAllString(text, "$1/"+masked)
	text = longNumber.ReplaceAllString(text, masked)
	text = oneLine(text)
	if text == "" {
		return Secret{}
	}
	return New(text)
}

const (
	masked  = "…"
	minSent = 3 // shorter than that, a text would be cut to pieces
)

var (
	urlQuery   = regexp.MustCompile(`\?[^\s"'<>]*=[^\s"'<>]*`)
	reference  = regexp.MustCompile(`\b([A-Z][A-Za-z]{2,40})/[A-Za-z0-9][A-Za-z0-9.\-]*`)
	longNumber = regexp.MustCompile(`[0-9]{6,}`)
)

// words are what an answer's body says in plain text.
func words(contentType string, body []byte) string {
	var j struct {
		ResourceType     string
		Issue            []issue
		Error            json.RawMessage // a string (RFC 6749 §5.2); other things elsewhere
		ErrorDescription string          `json:"error_description"`
		Message          string
		Detail           string // RFC 9457
	}
	kind, _, _ := mime.ParseMediaType(contentType)
	isJSON := json.Unmarshal(body, &j) == nil
	switch {
	case isJSON && j.ResourceType == "OperationOutcome":
		return issues(j.Issue)
	case isJSON:
		var code string
		_ = json.Unmarshal(j.Error, &code)
		return strings.Join(slices.DeleteFunc([]string{code, cmp.Or(j.ErrorDescription, j.Message, j.Detail)}, empty), ": ")
	case kind == "text/html" || strings.HasPrefix(strings.TrimSpace(string(body[:min(len(body), 64)])), "<") || json.Valid(body):
		return ""
	}
	return string(body[:min(len(body), 4*maxSaid)])
}

// issue is one of an OperationOutcome.
type issue struct {
	Severity    string
	Diagnostics string
	Details     struct {
		Text   string
		Coding []struct{ Display string }
	}
}

// issues are the texts of those that are errors.
func issues(list []issue) string {
	var texts []string
	for _, i := range list {
		if i.Severity == "warning" || i.Severity == "information" {
			continue
		}
		text := i.Details.Text
		for _, c := range i.Details.Coding {
			text = cmp.Or(text, c.Display)
		}
		if i.Diagnostics != "" && !strings.Contains(text, i.Diagnostics) {
			text = strings.TrimPrefix(text+": "+i.Diagnostics, ": ")
		}
		if text != "" && !slices.Contains(texts, text) && len(texts) < maxSaidIssues {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, "; ")
}

func empty(s string) bool { return s == "" }

// oneLine is text without anything that a terminal could take for more than letters.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "?")), " ")
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '?'
		}
		return r
	}, text)
	if runes := []rune(text); len(runes) > maxSaid {
		text = string(runes[:maxSaid]) + " …"
	}
	return text
}

// Speaker is an error that knows what a server said.
type Speaker interface {
	error
	ServerSaid() Secret
}

// SaidIn are the words of servers in an error and in all that it wraps, each once. They
// are for the user's terminal only.
func SaidIn(err error) (said []string) {
	if s, ok := err.(Speaker); ok { //nolint:errorlint // each in turn
		if text := s.ServerSaid().Reveal(); text != "" {
			said = append(said, text)
		}
	}
	var wrapped []error
	switch u := err.(type) { //nolint:errorlint // each in turn
	case interface{ Unwrap() error }:
		wrapped = []error{u.Unwrap()}
	case interface{ Unwrap() []error }:
		wrapped = u.Unwrap()
	}
	for _, w := range wrapped {
		for _, text := range SaidIn(w) {
			if !slices.Contains(said, text) {
				said = append(said, text)
			}
		}
	}
	return said
}
