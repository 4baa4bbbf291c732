package extract

import (
	"encoding/json"
	"regexp"
	"slices"

	"github.com/tidwall/gjson"
)

// issueCode is what a FHIR IssueType looks like, so that nothing else of an
// OperationOutcome is ever quoted.
var issueCode = regexp.MustCompile(`^[a-z][a-z-]{1,30}$`)

// transientCodes are "transient" and the codes below it in FHIR's IssueType: the
// same request may succeed later.
var transientCodes = []string{"transient", "lock-error", "no-store", "exception", "timeout", "incomplete", "throttled"}

// issueCodes are the codes of the errors in an OperationOutcome; nil for any
// other body, such as a gateway's HTML.
func issueCodes(body []byte) []string {
	var o struct {
		ResourceType string
		Issue        []struct{ Severity, Code string }
	}
	if json.Unmarshal(body, &o) != nil || o.ResourceType != "OperationOutcome" {
		return nil
	}
	var codes []string
	for _, issue := range o.Issue {
		if serious(issue.Severity, issue.Code) && issueCode.MatchString(issue.Code) && !slices.Contains(codes, issue.Code) {
			codes = append(codes, issue.Code)
		}
	}
	return codes
}

// isOutcome reports whether a body is an OperationOutcome.
func isOutcome(body []byte) bool {
	var o struct{ ResourceType string }
	return json.Unmarshal(body, &o) == nil && o.ResourceType == "OperationOutcome"
}

// transient reports whether all codes say that the failure will pass.
func transient(codes []string) bool {
	final := func(code string) bool { return !slices.Contains(transientCodes, code) }
	return len(codes) > 0 && !slices.ContainsFunc(codes, final)
}

// isSerious reports whether a resource is an OperationOutcome with an issue that is more
// than a warning: something that was asked for could not be had.
func isSerious(resource gjson.Result) bool {
	found := false
	resource.Get("issue").ForEach(func(_, issue gjson.Result) bool {
		found = serious(issue.Get("severity").Str, issue.Get("code").Str)
		return !found
	})
	return found && resource.Get("resourceType").Str == "OperationOutcome"
}
