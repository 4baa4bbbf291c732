package extract

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// errIdle says that a server was silent for the idle timeout.
var errIdle = errors.New("the server went silent")

// watchdog ends a request whose server is silent for too long while somebody
// waits for it. Time that the reader takes between two reads does not count.
type watchdog struct {
	timer  *time.Timer
	idle   time.Duration
	cancel context.CancelCauseFunc
	ctx    context.Context //nolint:containedctx // the request's, for its cause
}

func newWatchdog(ctx context.Context, idle time.Duration) *watchdog {
	ctx, cancel := context.WithCancelCause(ctx)
	return &watchdog{timer: time.AfterFunc(idle, func() { cancel(errIdle) }), idle: idle, cancel: cancel, ctx: ctx}
}

// rest stops the clock until the next read.
func (w *watchdog) rest() { w.timer.Stop() }

// end frees what the watchdog holds, and ends the request.
func (w *watchdog) end() {
	w.timer.Stop()
	w.cancel(context.Canceled)
}

// reason is err, or why the request was ended.
func (w *watchdog) reason(err error) error {
	if cause := context.Cause(w.ctx); err != nil && cause != nil {
		return cause
	}
	return err
}

// watchedBody is a response's body under a watchdog.
type watchedBody struct {
	io.ReadCloser
	dog *watchdog
}

func (b watchedBody) Read(p []byte) (int, error) {
	b.dog.timer.Reset(b.dog.idle)
	n, err := b.ReadCloser.Read(p)
	b.dog.rest()
	if err == io.EOF { //nolint:errorlint // an error that wraps it is no end
		return n, err
	}
	return n, b.dog.reason(err)
}

func (b watchedBody) Close() error {
	b.dog.end()
	return b.ReadCloser.Close()
}

// watch sends a request under a watchdog, which its body keeps.
func (c *Client) watch(req *http.Request) (*http.Response, error) {
	dog := newWatchdog(req.Context(), c.o.IdleTimeout)
	res, err := c.http.Do(req.WithContext(dog.ctx))
	dog.rest()
	if err != nil {
		err = dog.reason(err)
		dog.end()
		return nil, err
	}
	res.Body = watchedBody{ReadCloser: res.Body, dog: dog}
	return res, nil
}
