package fhirtest

import (
	"fmt"
	"net/http"
)

// Broken lists what clients did, since the server's start, that Bulk Data or SMART
// Backend Services forbids: an assertion that came twice, a token sent to a link
// that is a secret itself, a poll that came too soon, also after a restart.
func (s *Server) Broken() []string {
	var broken []string
	jtis := map[string]bool{}
	for _, r := range s.Requests() {
		switch {
		case r.JTI != "" && jtis[r.JTI]:
			broken = append(broken, "an assertion came twice")
		case r.Kind == File && r.Token && !s.requiresToken():
			broken = append(broken, fmt.Sprintf("the token was sent to %s", r.Path))
		case (r.Kind == Status || r.Kind == Manifest) && r.Status == http.StatusTooManyRequests:
			broken = append(broken, "a poll came too soon")
		}
		jtis[r.JTI] = true
	}
	return broken
}
