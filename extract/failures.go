package extract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode"

	"github.com/claimlake/claimlake/extract/redact"
	"github.com/claimlake/claimlake/internal/lineage"
)

// Failures is what a server says it could not export (Bulk Data, "Response - Output
// Manifest": error, and outcome since STU4).
type Failures struct {
	Issues int      // of severity error or fatal, or of none that FHIR has
	Codes  []string // of these, by FHIR's IssueType, each once
	Types  []string // resource types that these name, sorted
	All    bool     // an issue points at no type: what its text names need not be all that it is about
}

// Add adds what another file says.
func (f *Failures) Add(o Failures) {
	f.Issues += o.Issues
	f.All = f.All || o.All
	f.Codes, f.Types = merged(f.Codes, o.Codes), merged(f.Types, o.Types)
}

// Concern reports whether something of a resource type may not have been exported.
func (f Failures) Concern(resourceType string) bool {
	return f.Issues > 0 && (f.All || slices.Contains(f.Types, resourceType))
}

func merged(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

// unread are the Failures of a file that cannot be read: it may say anything.
var unread = Failures{Issues: 1, All: true}

// ErrNotOutcome says that a file of outcomes has a line that is none.
var ErrNotOutcome = errors.New("a line is not an OperationOutcome")

// Failures reads a file of the manifest's error or outcome list. Information and warnings
// are no failures. Where the file cannot be read to its end, there may be any: the error
// says why, and the Failures concern all types.
func (c *Client) Failures(ctx context.Context, f File) (Failures, error) {
	found, err := failuresIn(c.Download(f).Pages(ctx, NewBuffers(1)))
	if errors.Is(err, ErrNotOutcome) {
		err = &Error{Class: Data, Doing: "read what the server could not export at", URL: redact.URL(f.url()), Err: err}
	}
	return found, err
}

// FailuresIn reads what a file that was saved says, in the same way.
func FailuresIn(r io.Reader) (Failures, error) {
	return failuresIn(NewPageReader(r, Start, NewBuffers(1)).Pages())
}

func failuresIn(pages iter.Seq2[lineage.Page, error]) (found Failures, err error) {
	for p, err := range pages {
		if err != nil {
			return unread, err
		}
		for line := range bytes.Lines(p.Data) {
			if line = bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))); len(line) == 0 {
				continue
			}
			told, err := failuresOf(line)
			if err != nil {
				return unread, err
			}
			found.Add(told)
		}
	}
	return found, nil
}

// outcomeJSON is an OperationOutcome, and of its issues what may name a type. In R4
// location and expression are lists; servers write a single text, too.
type outcomeJSON struct {
	ResourceType string
	Issue        []struct {
		Severity, Code                                        string
		Diagnostics, Details, Expression, Location, Extension json.RawMessage
	}
}

// failuresOf reads one OperationOutcome.
func failuresOf(line []byte) (found Failures, err error) {
	var o outcomeJSON
	if json.Unmarshal(line, &o) != nil || o.ResourceType != "OperationOutcome" {
		return found, ErrNotOutcome
	}
	for _, issue := range o.Issue {
		if !serious(issue.Severity, issue.Code) {
			continue
		}
		one := Failures{Issues: 1, Types: typesIn(issue.Expression, issue.Location)}
		if one.All = len(one.Types) == 0; one.All {
			one.Types = typesIn(issue.Diagnostics, issue.Details, issue.Extension)
		}
		if issueCode.MatchString(issue.Code) {
			one.Codes = []string{issue.Code}
		}
		found.Add(one)
	}
	return found, nil
}

// serious reports whether an issue says that something failed: by the severity error,
// fatal, or none that FHIR has, unless its code says that it only informs.
func serious(severity, code string) bool {
	return !slices.Contains([]string{"warning", "information", "success"}, severity) && (severity != "" || code != "informational")
}

// typesIn finds the resource types that JSON texts name as words: Claim, Claim.item,
// Claim/1, /f:Claim/f:item, "no access to Claim".
func typesIn(texts ...json.RawMessage) []string {
	var types []string
	for _, text := range texts {
		for word := range bytes.FieldsFuncSeq(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			if resourceTypes[string(word)] {
				types = append(types, string(word))
			}
		}
	}
	return merged(types, nil)
}

// String says what failed, by codes and types alone.
func (f Failures) String() string {
	about := strings.Join(f.Types, ", ")
	switch {
	case about == "":
		about = "any type"
	case f.All:
		about = "probably " + about
	}
	codes := ""
	if len(f.Codes) > 0 {
		codes = " (" + strings.Join(f.Codes, ", ") + ")"
	}
	errors := "an error"
	if f.Issues > 1 {
		errors = fmt.Sprintf("%d errors", f.Issues)
	}
	return errors + codes + ", of " + about
}
