package smart

import (
	"slices"
	"strings"
	"time"

	"github.com/claimlake/claimlake/extract/redact"
)

// Token is an access token.
type Token struct {
	Access  redact.Secret
	Expires time.Time // UTC; zero for a token whose end is not known
	Granted []string  // scopes, as the server says; nil where it does not, and has granted all
	Missing []string  // scopes asked for and not granted
	Beyond  []string  // scopes granted and not asked for: more than the minimum necessary

	refresh time.Time // from when on to ask for the next
}

// unsaidLife is how long a token is taken to live whose answer does not say: the
// longest that SMART recommends.
const unsaidLife = 5 * time.Minute

// newToken is a token that lives from now on. The next is asked for when a fifth
// of its life is left, so that no request starts with one about to end.
func newToken(access redact.Secret, life time.Duration, now time.Time) Token {
	if life <= 0 {
		life = unsaidLife
	}
	return Token{Access: access, Expires: now.Add(life).UTC(), refresh: now.Add(life * 4 / 5)}
}

// same reports whether two tokens are one.
func (t Token) same(o Token) bool { return t.Access.Reveal() == o.Access.Reveal() }

// Unreadable are those of types of which the token does not let all be read. A server
// leaves them out of an export, or some of them, without a word. Where the server does
// not say what it granted, or in a way of its own, that is none.
func (t Token) Unreadable(types []string) []string {
	known := false
	for _, g := range t.Granted {
		known = known || parseScope(g).resource != ""
	}
	if !known {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(types), func(resourceType string) bool {
		return len(notGranted([]string{"system/" + resourceType + ".rs"}, strings.Join(t.Granted, " "))) == 0
	})
}
