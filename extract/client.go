package extract

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/claimlake/claimlake/extract/smart"
)

// TokenSource gives access tokens: a *smart.Source or a smart.Bearer.
type TokenSource interface {
	// Token gives a token that is good now.
	Token(ctx context.Context) (smart.Token, error)
	// Renew gives another than the one a server refused.
	Renew(ctx context.Context, refused smart.Token) (smart.Token, error)
}

// Options says which server to talk to, and how. Zero values mean what the
// comments say.
type Options struct {
	BaseURL   string       // the FHIR base URL
	HTTP      *http.Client // with its TLS; used, not changed. nil: a plain one
	Tokens    TokenSource  // nil: the server needs none
	Logger    *slog.Logger // nil: none
	UserAgent string       // "claimlake"

	// TrustedHosts are hosts (with port, if not 443) in addition to the base URL's that
	// may be sent the access token, over https only.
	TrustedHosts []string

	RequestsPerSecond float64       // 0: as many as it takes
	Downloads         int           // connections that download from one host at once; 4
	FileDownloads     int           // of them for one file, where it is large and the server slow; Downloads
	FileRetries       int           // repetitions for one file or request; 50
	RunRetries        int           // repetitions in all, so make a Client for each run; 1000
	IdleTimeout       time.Duration // without a byte; 2 minutes
	MaxRetryAfter     time.Duration // longest wait a server may ask for; 15 minutes
	MaxFileBytes      int64         // decoded; 1 TiB

	// Requested is told of each request: what it was for, how it failed ("" for not),
	// and the time to the head of the answer. Retried is told of each that is sent
	// again. nil: nobody is.
	Requested func(doing string, failed Class, took time.Duration)
	Retried   func(doing string, failed Class)
}

func (o *Options) setDefaults() {
	if o.HTTP == nil {
		o.HTTP = &http.Client{}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	orDefault(&o.UserAgent, "claimlake")
	orDefault(&o.Downloads, 4)
	orDefault(&o.FileDownloads, o.Downloads)
	orDefault(&o.FileRetries, 50)
	orDefault(&o.RunRetries, 1000)
	orDefault(&o.IdleTimeout, 2*time.Minute)
	orDefault(&o.MaxRetryAfter, 15*time.Minute)
	orDefault(&o.MaxFileBytes, 1<<40)
	if o.Requested == nil {
		o.Requested = func(string, Class, time.Duration) {}
	}
	if o.Retried == nil {
		o.Retried = func(string, Class) {}
	}
}

func orDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Client talks to one FHIR server for one run. It may be used concurrently.
type Client struct {
	o           Options
	base        *url.URL
	http        *http.Client
	rate        *rate.Limiter
	gates       *gates
	partBytes   int64 // of a file, fetched ahead
	retriesLeft atomic.Int64
}

// New makes a Client. It asks the server nothing. The error says what is wrong
// with the options.
func New(o Options) (*Client, error) {
	base, err := url.Parse(strings.TrimRight(o.BaseURL, "/"))
	switch {
	case err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http":
		return nil, errors.New("the FHIR base URL must be absolute, such as https://fhir.example.org/r4")
	case base.User != nil || base.RawQuery != "":
		return nil, errors.New("the FHIR base URL must have no user and no query")
	case o.RequestsPerSecond < 0 || o.Downloads < 0 || o.FileDownloads < 0 || o.FileRetries < 0 || o.RunRetries < 0:
		return nil, fmt.Errorf("limits of %s: must not be negative", base.Host)
	}
	o.setDefaults()
	limit := rate.Inf
	if o.RequestsPerSecond > 0 {
		limit = rate.Limit(o.RequestsPerSecond)
	}
	c := &Client{o: o, base: base, rate: rate.NewLimiter(limit, max(1, int(o.RequestsPerSecond))), gates: newGates(o.Downloads), partBytes: partBytes}
	h := *o.HTTP
	h.CheckRedirect = c.checkRedirect
	c.http = &h
	c.retriesLeft.Store(int64(o.RunRetries))
	return c, nil
}
