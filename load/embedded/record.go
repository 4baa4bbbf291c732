package embedded

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

// The child asks before it runs a statement, one at a time for each process that has
// joined, and the process answers: a line of JSON each.

// statementAsked is the child's question.
type statementAsked struct{ Statement string }

// statementAnswer is the parent's: "" lets the statement run.
type statementAnswer struct{ Error string }

// Fingerprint names a statement without showing it: "sha256:" and its hash in hex.
func Fingerprint(sql string) string { return fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(sql))) }

// asker is the child's half. A nil asker lets all run.
type asker struct {
	mu      sync.Mutex
	out     *json.Encoder
	answers <-chan statementAnswer // closed when the parent is gone
}

// ask reports why a statement must not run.
func (a *asker) ask(sql string) error {
	if a == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.out.Encode(statementAsked{Fingerprint(sql)}); err != nil {
		return exception(497, "ACCESS_DENIED", "The statement cannot be recorded")
	}
	switch answer, ok := <-a.answers; {
	case !ok:
		return exception(497, "ACCESS_DENIED", "The statement cannot be recorded: claimlake is gone")
	case answer.Error != "":
		return exception(497, "ACCESS_DENIED", "The statement cannot be recorded, and is not run: %s", answer.Error)
	}
	return nil
}

// listen gives the lines of a process that has joined, and closes gone when it has ended.
func listen(orders io.Reader) (answers chan statementAnswer, gone chan struct{}) {
	answers, gone = make(chan statementAnswer), make(chan struct{})
	go func() {
		defer close(gone)
		defer close(answers)
		lines := json.NewDecoder(orders)
		for {
			var a statementAnswer
			if lines.Decode(&a) != nil {
				return
			}
			answers <- a
		}
	}()
	return answers, gone
}

// answer is the parent's half: it records what the child asks, until that ends.
func (o Options) answer(questions *json.Decoder, orders io.Writer) {
	answers := json.NewEncoder(orders)
	for {
		var q statementAsked
		if questions.Decode(&q) != nil {
			return
		}
		var a statementAnswer
		if err := o.Record(q.Statement); err != nil {
			a.Error = err.Error()
		}
		if answers.Encode(a) != nil {
			return
		}
	}
}
