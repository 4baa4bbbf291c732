package extract

import (
	"errors"
	"fmt"
	"strings"

	"github.com/claimlake/claimlake/extract/redact"
)

// Class says whose a failure is, and so what to do about it.
type Class string

// The classes of failures.
const (
	Network   Class = "network"   // no answer, or not all of it
	Auth      Class = "auth"      // no token, or it is refused (401, 403)
	Server    Class = "server"    // the server failed (5xx), or the export did
	Throttled Class = "throttled" // the server wants fewer requests (429, 503 with Retry-After)
	Request   Class = "request"   // the server does not do what was asked (other 4xx)
	Data      Class = "data"      // what came cannot be used
)

var (
	// ErrDeadline says that an export took longer than it was given.
	ErrDeadline = errors.New("the export is not done in the time it was given")
	// ErrStalled says that an export stood still for longer than it may.
	ErrStalled = errors.New("the export does not get on")
	// ErrGone says that the server no longer knows an export or a file.
	ErrGone = errors.New("the server no longer has it")
	// ErrFailed says that the server could not make the export: polling it again
	// is of no use.
	ErrFailed = errors.New("the export failed")
	// ErrChanged says that a file was another when it was read again. Which of the
	// two was right cannot be told.
	ErrChanged = errors.New("the file changed while it was read")
	// ErrOtherManifest says that a manifest is not the one that it was when it was read
	// before, while the export was made or by an earlier process.
	ErrOtherManifest = errors.New("the manifest is not the one it was before")
	// ErrDamaged says that a file cannot be decompressed. What was read of it may
	// be wrong: checksums come last.
	ErrDamaged = errors.New("its compression is damaged")
	// ErrTooLarge says that an answer is beyond a limit.
	ErrTooLarge = errors.New("larger than allowed")
)

// Error is a failure that repeating did not help, or would not. It never holds
// content, a token or a URL's query; but what the server said, which prints as
// "[redacted]".
type Error struct {
	Class  Class
	Doing  string   // such as "poll the export"
	URL    string   // without its query
	Status int      // of the answer; 0 where none came
	Codes  []string // of the answer's OperationOutcome (FHIR IssueType)
	Advice string   // what the user can do
	Err    error    // ErrGone, the network's error, …

	Said redact.Secret // why, in the server's own words: for the user's terminal only

	again      bool   // the same request may succeed later
	outcome    bool   // the answer is an OperationOutcome
	retryAfter string // the answer's header
}

func (e *Error) Error() string {
	parts := []string{strings.TrimSpace(e.Doing + " " + e.URL)}
	if e.Status != 0 {
		parts = append(parts, fmt.Sprintf("the server answers %d", e.Status))
	}
	if len(e.Codes) > 0 {
		parts = append(parts, "issue "+strings.Join(e.Codes, ", "))
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
