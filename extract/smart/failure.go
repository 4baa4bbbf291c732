package smart

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/claimlake/claimlake/extract/redact"
)

// Error says why there is no token. It never holds a key, a token or what the
// server wrote, except an OAuth error code, and Said, which prints as "[redacted]".
type Error struct {
	Status     int    // HTTP status of the answer; 0 where none came
	Code       string // the answer's OAuth error code (RFC 6749 §5.2), where it has one
	RetryAfter string // the answer's Retry-After header
	Advice     string // what the user can do
	Err        error  // what failed, where no answer came

	Said redact.Secret // why, in the server's own words: for the user's terminal only

	Unreachable bool // no answer came: the same request may succeed later
}

func (e *Error) Error() string {
	parts := []string{"get an access token"}
	if e.Status != 0 {
		parts = append(parts, fmt.Sprintf("the token endpoint answers %d", e.Status))
	}
	if e.Code != "" {
		parts = append(parts, e.Code)
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	if e.Advice != "" {
		parts = append(parts, e.Advice)
	}
	return strings.Join(parts, ": ")
}

func (e *Error) Unwrap() error { return e.Err }

// ServerSaid implements redact.Speaker.
func (e *Error) ServerSaid() redact.Secret { return e.Said }

// advice says what a user can do about an OAuth error (RFC 6749 §5.2).
var advice = map[string]string{
	"invalid_client":         "is the client id right, and are its public key or secret registered with the server?",
	"invalid_grant":          "the server does not accept the assertion: is its public key registered, and this machine's clock right?",
	"invalid_scope":          "the server does not grant the scopes: ask for fewer types, or set the scopes that were registered",
	"invalid_request":        "does the server support the backend services profile?",
	"unauthorized_client":    "the server has not allowed this client to get tokens by itself: ask its operator",
	"unsupported_grant_type": "the server does not give tokens for client credentials",
}

// oauthCode is what an error code may look like, narrower than RFC 6749, so that
// nothing else is ever quoted.
var oauthCode = regexp.MustCompile(`^[a-z_]{1,40}$`)

// refusal is the error of an answer that is no token.
func refusal(res *http.Response, code string) *Error {
	e := &Error{Status: res.StatusCode, RetryAfter: res.Header.Get("Retry-After")}
	if oauthCode.MatchString(code) {
		e.Code, e.Advice = code, advice[code]
	}
	if res.StatusCode/100 == 3 {
		e.Advice = "it redirects, and credentials do not follow: set the token URL to where it leads"
	}
	if hint := skew(res.Header.Get("Date"), time.Now()); hint != "" {
		e.Advice = strings.TrimPrefix(e.Advice+"; "+hint, "; ")
	}
	return e
}

// skew is a hint where this machine's clock and the server's Date differ by more
// than an assertion's life forgives.
func skew(date string, now time.Time) string {
	server, err := http.ParseTime(date)
	if err != nil {
		return ""
	}
	behind := server.Sub(now).Round(time.Second)
	switch {
	case behind > maxSkew:
		return fmt.Sprintf("this machine's clock is %s behind the server's: set it", behind)
	case behind < -maxSkew:
		return fmt.Sprintf("this machine's clock is %s ahead of the server's: set it", -behind)
	}
	return ""
}
