package smart

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// answer is what a token endpoint says (RFC 6749 §5.1, §5.2).
type answer struct {
	AccessToken string  `json:"access_token"`
	TokenType   string  `json:"token_type"`
	ExpiresIn   seconds `json:"expires_in"`
	Scope       string  `json:"scope"`
	Error       string  `json:"error"`
}

// seconds is a time span that servers send as a number or as a string with one.
// Anything else is no span, and not an error: the token is good all the same.
type seconds time.Duration

// UnmarshalJSON implements json.Unmarshaler.
func (s *seconds) UnmarshalJSON(raw []byte) error {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		text = string(raw)
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || !(n > 0) {
		return nil //nolint:nilerr // no span
	}
	*s = seconds(min(n, float64(maxLife/time.Second)) * float64(time.Second))
	return nil
}

// maxLife bounds what is believed of expires_in.
const maxLife = 365 * 24 * time.Hour
