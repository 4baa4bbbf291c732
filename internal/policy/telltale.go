package policy

import (
	"regexp"
	"strings"
)

// telltale finds in a text what Safe Harbor removes and what no code has: dates, numbers
// of telephones and social security, addresses of e-mail.
var telltale = regexp.MustCompile(`(?:^|\D)(?:` +
	`(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])` + // 1970-05-06
	`|\d{1,2}[/.]\d{1,2}[/.](?:19|20)\d\d` + // 5/6/1970
	`|\d{3}-\d{2}-\d{4}` + // social security
	`|\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}` + // telephone
	`)(?:\D|$)|\S@\S+\.\S`)

// plain is a text without what may tell of somebody; "" where it has such.
func plain(text string) string {
	if telltale.MatchString(text) {
		return ""
	}
	return text
}

// maxState is how long the name of a state or country may be.
const maxState = 40

// stateOnly is the name of a state or country; "" for what says more, such as a county.
func stateOnly(text string) string {
	if len(text) > maxState || strings.ContainsAny(text, ",;/0123456789\n") {
		return ""
	}
	return text
}
