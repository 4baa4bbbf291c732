package extract

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/claimlake/claimlake/extract/redact"
	"github.com/claimlake/claimlake/extract/smart"
)

// call is a request that may be sent several times.
type call struct {
	doing  string // for errors, such as "poll the export"
	method string
	url    *url.URL
	header http.Header
	body   []byte
	public bool     // a capability URL: never with the token
	sent   []string // in addition to the query's values, what a server may not quote; see said
}

// do sends a call until it succeeds or its failure is final. The answer is 1xx to
// 3xx; the caller closes its body. The error is an *Error or the context's.
func (c *Client) do(ctx context.Context, call call) (*http.Response, error) {
	t := c.tries()
	for {
		res, failure := c.attempt(ctx, call, t)
		if failure == nil {
			return res, nil
		}
		if err := c.retry(ctx, t, failure); err != nil {
			return nil, err
		}
	}
}

// retry waits until a failed call may be sent again. The end of the context
// counts for more than what it caused.
func (c *Client) retry(ctx context.Context, t *tries, failure *Error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return t.wait(ctx, failure)
}

// attempt sends a call once.
func (c *Client) attempt(ctx context.Context, call call, t *tries) (*http.Response, *Error) {
	token, err := c.token(ctx, call, t)
	if err != nil {
		return nil, call.tokenFailure(err)
	}
	if err := sleep(ctx, c.rate.Reserve().Delay()); err != nil {
		return nil, call.networkFailure(err)
	}
	req, err := http.NewRequestWithContext(ctx, call.method, call.url.String(), bytes.NewReader(call.body))
	if err != nil {
		return nil, &Error{Class: Request, Doing: call.doing, Err: errors.New("not a URL that can be asked")}
	}
	for name, values := range call.header {
		req.Header[name] = values
	}
	req.Header.Set("User-Agent", c.o.UserAgent)
	sent := token.Access.Reveal()
	if sent != "" {
		req.Header.Set("Authorization", "Bearer "+sent)
	}
	begun := time.Now()
	res, err := c.watch(req)
	took := time.Since(begun)
	if failure := c.failureOf(call, res, err, token, t); failure != nil {
		c.o.Requested(call.doing, failure.Class, took)
		return nil, failure
	}
	c.o.Requested(call.doing, "", took)
	c.o.Logger.DebugContext(ctx, call.doing, "url", redact.URL(call.url), "status", res.StatusCode)
	t.refused = smart.Token{}
	return res, nil
}

// failureOf is what is wrong with an answer; nil for nothing.
func (c *Client) failureOf(call call, res *http.Response, err error, token smart.Token, t *tries) *Error {
	switch {
	case err != nil:
		return call.networkFailure(err)
	case res.StatusCode >= http.StatusBadRequest:
		return c.statusFailure(call, res, token, t)
	}
	return nil
}

// token is what a call is authorized with; none for a capability URL, nor for a
// host that is not trusted.
func (c *Client) token(ctx context.Context, call call, t *tries) (smart.Token, error) {
	switch {
	case c.o.Tokens == nil || call.public || !c.trusted(call.url):
		return smart.Token{}, nil
	case t.refused.Access.Reveal() != "":
		return c.o.Tokens.Renew(ctx, t.refused)
	}
	return c.o.Tokens.Token(ctx)
}
