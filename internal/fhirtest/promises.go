package fhirtest

import (
	"fmt"
	"net/http"
)

// Broken lists what clients did, since the server's start, that Bulk Data or SMART
// Backend Services forbids: an assertion that came twice, a token sent to a link
// that is a secret itself. A poll that came too soon is allowed restarts times,
// since a client that was killed does not know when it asked last.
func (s *Server) Broken(restarts int) []string {
	var broken []string
	jtis := map[string]bool{}
	for _, r := range s.Requests() {
		switch {
		case r.JTI != "" && jtis[r.JTI]:
			broken = append(broken, "an assertion came twice")
		case r.Kind == File && r.Token && !s.requiresToken():
			broken = append(broken, fmt.Sprintf("the token was sent to %s", r.Path))
		case (r.Kind == Status || r.Kind == Manifest) && r.Status == http.StatusTooManyRequests:
			restarts--
		}
		jtis[r.JTI] = true
	}
	if restarts < 0 {
		broken = append(broken, fmt.Sprintf("%d polls came too soon", -restarts))
	}
	return broken
}
