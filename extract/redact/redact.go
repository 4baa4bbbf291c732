// Package redact keeps secrets and content out of logs and errors: credentials
// print as [redacted], URLs without their query, network errors without the
// bytes that the other side sent.
package redact

import (
	"fmt"
	"io"
	"net/url"
)

const redacted = "[redacted]"

// Secret is a credential. It formats, marshals and logs as "[redacted]", also as
// an unexported field of something else: fmt does not follow its pointer.
type Secret struct{ value *string }

// New makes a Secret of its text.
func New(text string) Secret { return Secret{value: &text} }

// Reveal is the credential itself, for the one place that sends it.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// Format implements fmt.Formatter.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText implements encoding.TextMarshaler, for JSON and slog.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// URL is u without user, query and fragment: a capability URL's query is its
// credential, and a FHIR search's may name a patient.
func URL(u *url.URL) string {
	if u == nil {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}
