package audit

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/user"
	"time"
)

// Outcomes of what was done.
const (
	OK     = "ok"
	Failed = "failed"
)

// Event is something that was done. It holds no data of patients.
type Event struct {
	Seq     int64     `json:"seq"`  // from 1, without gaps
	Time    time.Time `json:"time"` // UTC, microseconds
	ID      string    `json:"id"`   // UUID, version 7
	Run     string    `json:"run,omitempty"`
	Action  string    `json:"action"` // such as run.start
	Actor   Actor     `json:"actor"`
	Purpose string    `json:"purpose,omitempty"` // of use, as the user says
	Source  string    `json:"source,omitempty"`
	Object  string    `json:"object,omitempty"` // file, table, key id or host: a name, never content
	Types   []string  `json:"types,omitempty"`  // resource types
	Config  string    `json:"config,omitempty"` // hash of the configuration in force, where a run starts: another one is a change

	Counts   map[string]int64 `json:"counts,omitempty"`
	Millis   int64            `json:"ms,omitempty"` // how long it took
	Outcome  string           `json:"outcome"`
	Category string           `json:"category,omitempty"` // of the error: network, auth, server, data, …
	Reason   string           `json:"reason,omitempty"`   // why a person did it, in that person's words
	// ClockBack says that the clock showed a later time at the event before.
	ClockBack bool `json:"clock_back,omitempty"`

	Prev string `json:"prev"` // SHA-256 of the line before, hex
}

// Actor is who did it.
type Actor struct {
	User    string `json:"user"` // of the operating system
	Host    string `json:"host"`
	PID     int    `json:"pid"`
	Version string `json:"version"` // of claimlake
}

// whoIsIt is this process's actor.
func whoIsIt(version string) Actor {
	a := Actor{User: "unknown", PID: os.Getpid(), Version: version}
	if u, err := user.Current(); err == nil {
		a.User = u.Username
	}
	a.Host, _ = os.Hostname()
	return a
}

// A line is the event as JSON, whose last member is the signature over all before it:
//
//	{…,"prev":"…","sig":"…"}
const (
	sigStart = `,"sig":"`
	sigEnd   = "\"}\n"
	sigBytes = len(sigStart) + 2*ed25519.SignatureSize + len(sigEnd)
)

// line is the event as it is kept.
func (e Event) line(key ed25519.PrivateKey) ([]byte, error) {
	text, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	body := text[:len(text)-1]
	return fmt.Appendf(nil, "%s%s%x%s", body, sigStart, ed25519.Sign(key, body), sigEnd), nil
}

// parse reads a line. ok is false where its signature is not that of the key.
func parse(line []byte, key ed25519.PublicKey) (e Event, ok bool) {
	n := len(line) - sigBytes
	if n < 0 {
		return e, false
	}
	body, sig := line[:n], line[n:]
	text, found := bytes.CutPrefix(sig, []byte(sigStart))
	signature, err := hex.DecodeString(string(text[:max(0, len(text)-len(sigEnd))]))
	if !found || err != nil || !bytes.HasSuffix(sig, []byte(sigEnd)) || !ed25519.Verify(key, body, signature) {
		return e, false
	}
	return e, json.Unmarshal(append(bytes.Clone(body), '}'), &e) == nil
}
