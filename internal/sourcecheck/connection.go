package sourcecheck

import (
	"context"
	"crypto/tls"
	"net/http"
	"strings"
	"time"

	"github.com/claimlake/claimlake/extract/redact"
	"github.com/claimlake/claimlake/internal/transport"
)

const (
	maxClockSkew = 30 * time.Second    // a token's assertion lives for some minutes only
	expiresSoon  = 14 * 24 * time.Hour // of the server's certificate
)

// connection looks at what the first answer shows besides its content. It reports
// whether there was one.
func (s *check) connection(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(s.source.URL, "/")+"/metadata", http.NoBody)
	if err != nil {
		s.add(Fail, "url", "source.url is not a URL that can be asked")
		return false
	}
	req.Header.Set("User-Agent", s.userAgent)
	req.Header.Set("Accept", "application/fhir+json")
	began := time.Now()
	res, err := s.http.Do(req)
	if err != nil {
		s.add(Fail, "url", "%s: %v", redact.URL(req.URL), redact.Cause(err))
		return false
	}
	took := time.Since(began)
	_ = res.Body.Close()
	s.add(OK, "url", "%s answers in %s", redact.URL(req.URL), took.Round(time.Millisecond))
	s.tls(res.TLS)
	s.clock(res.Header.Get("Date"), began.Add(took/2))
	return true
}

// tls looks at the connection's TLS; state is nil for plain http.
func (s *check) tls(state *tls.ConnectionState) {
	if state == nil {
		s.add(Warn, "tls", "none: what is sent can be read by anybody in between")
		return
	}
	s.add(OK, "tls", "%s", tls.VersionName(state.Version))
	leaf := state.PeerCertificates[0]
	left := time.Until(leaf.NotAfter)
	grade := OK
	if left < expiresSoon {
		grade = Warn
	}
	s.add(grade, "certificate", "until %s UTC, in %d days; public key %s",
		leaf.NotAfter.UTC().Format(time.DateTime), int(left.Hours()/24), transport.PinOf(leaf))
}

// clock compares the server's Date, which has whole seconds, with this machine's
// clock at the time now.
func (s *check) clock(date string, now time.Time) {
	server, err := http.ParseTime(date)
	if err != nil {
		s.add(Warn, "clock", "the server sends no Date to compare this machine's clock with")
		return
	}
	switch ahead := now.Sub(server).Round(time.Second); {
	case ahead > maxClockSkew:
		s.add(Warn, "clock", "this machine's is %s ahead of the server's: set it, or tokens may be refused", ahead)
	case ahead < -maxClockSkew:
		s.add(Warn, "clock", "this machine's is %s behind the server's: set it, or tokens may be refused", -ahead)
	default:
		s.add(OK, "clock", "within %s of the server's", maxClockSkew)
	}
}
