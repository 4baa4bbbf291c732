// Package hook tells other systems that readers see a run: by a webhook, or by a
// command.
//
//	outbox in the ledger ──▶ POST, signed (Standard Webhooks), or a command's standard input
//
// What is told is numbers and names, never a patient's data.
package hook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/claimlake/claimlake/extract/redact"
)

const (
	tries   = 4
	timeout = time.Minute // of one try
)

// Hook is one system to tell. It has a URL or a Command.
type Hook struct {
	Name    string
	URL     string
	Secret  redact.Secret // signs what is posted; "whsec_" and base64, or any text; "" for no signature
	HTTP    *http.Client  // posts it
	Command []string      // program and arguments; it is run without a shell
	Pause   time.Duration // before the second try, doubled then; 1 s
}

// ErrDown says that a hook did not answer, or that it could not, however often it was told.
var ErrDown = errors.New("down or overloaded")

// Send tells one message, whose id is the same each time it is told. It tries again
// where that may help; ErrDown is where it did not. The error holds nothing of an answer.
func (h Hook) Send(ctx context.Context, id string, body []byte) error {
	if h.Pause == 0 {
		h.Pause = time.Second
	}
	for n := 1; ; n++ {
		again, err := h.once(ctx, id, body)
		if err == nil {
			return nil
		}
		err = fmt.Errorf("hook %s: %w", h.Name, err)
		switch {
		case !again:
			return err
		case n == tries:
			return fmt.Errorf("%w: %w", ErrDown, err)
		}
		select {
		case <-time.After(h.Pause << (n - 1)):
		case <-ctx.Done():
			return errors.Join(err, context.Cause(ctx))
		}
	}
}

func (h Hook) once(ctx context.Context, id string, body []byte) (again bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if len(h.Command) > 0 {
		return false, h.run(ctx, body)
	}
	return h.post(ctx, id, body, time.Now())
}

// post sends a webhook as Standard Webhooks says.
func (h Hook) post(ctx context.Context, id string, body []byte, now time.Time) (again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return false, errors.New("its URL is not one")
	}
	at := strconv.FormatInt(now.Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Webhook-Id", id)
	req.Header.Set("Webhook-Timestamp", at)
	if secret := h.Secret.Reveal(); secret != "" {
		req.Header.Set("Webhook-Signature", "v1,"+sign(secret, id, at, body))
	}
	res, err := h.HTTP.Do(req)
	if err != nil {
		return true, redact.Cause(err)
	}
	defer res.Body.Close() //nolint:errcheck // read only
	_, _ = io.CopyN(io.Discard, res.Body, 1<<20)
	switch {
	case res.StatusCode/100 == 2:
		return false, nil
	case res.StatusCode == http.StatusTooManyRequests, res.StatusCode >= http.StatusInternalServerError:
		again = true
	}
	return again, fmt.Errorf("%s answers %d", shown(h.URL), res.StatusCode)
}

func shown(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "it"
	}
	return redact.URL(u)
}

// sign is the signature of a message.
func sign(secret, id, at string, body []byte) string {
	key := []byte(secret)
	if text, ok := strings.CutPrefix(secret, "whsec_"); ok {
		if decoded, err := base64.StdEncoding.DecodeString(text); err == nil {
			key = decoded
		}
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + at + "."))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// run gives the message to a command. It gets no variables that could be secrets, and
// what it prints is not kept.
func (h Hook) run(ctx context.Context, body []byte) error {
	cmd := exec.CommandContext(ctx, h.Command[0], h.Command[1:]...) //nolint:gosec // the user's own, from the configuration
	cmd.Stdin = bytes.NewReader(body)
	for _, name := range []string{"PATH", "HOME", "LANG", "TZ"} {
		if value, ok := os.LookupEnv(name); ok {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("its command: %w", err)
	}
	return nil
}
