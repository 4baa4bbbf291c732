package fhirtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// refusal is an error that the client is told as an OperationOutcome.
type refusal struct {
	status int
	code   string // of the IssueType value set
	text   string
}

func (r *refusal) Error() string { return r.text }

func refuse(status int, code, format string, args ...any) error {
	return &refusal{status: status, code: code, text: fmt.Sprintf(format, args...)}
}

type operationOutcome struct {
	ResourceType string  `json:"resourceType"`
	Issue        []issue `json:"issue"`
}

type issue struct {
	Severity    string `json:"severity"`
	Code        string `json:"code"`
	Diagnostics string `json:"diagnostics"`
}

func outcome(severity, code, text string) operationOutcome {
	return operationOutcome{ResourceType: "OperationOutcome", Issue: []issue{{severity, code, text}}}
}

// writeError answers with err, and mark at the end of its text: an OAuth error as RFC
// 6749 wants it, any other as an OperationOutcome.
func writeError(w http.ResponseWriter, err error, mark string) {
	if denied, ok := errors.AsType[*oauthError](err); ok {
		denied.write(w, mark)
		return
	}
	refused, ok := errors.AsType[*refusal](err)
	if !ok {
		refused = &refusal{status: http.StatusInternalServerError, code: "exception", text: err.Error()}
	}
	writeJSON(w, refused.status, "application/fhir+json", outcome("error", refused.code, refused.text+mark))
}

func writeJSON(w http.ResponseWriter, status int, contentType string, v any) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client is gone: nobody is left to tell
}
