package ledger

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/claimlake/claimlake/internal/seal"
)

// sealedMark is before a text that is sealed.
const sealedMark = "sealed:"

// SealWith lets the ledger seal, from now on, what a server gave that may be a
// credential: the URL of an export's status, marks of files, pages of published files.
// nil: it seals nothing, and what is sealed cannot be read.
func (l *Ledger) SealWith(keys *seal.Keys) { l.keys = keys }

// hide seals a text for a place.
func (l *Ledger) hide(text, place string) (string, error) {
	if l.keys == nil || text == "" {
		return text, nil
	}
	sealed, err := l.keys.Seal([]byte(text), "ledger/"+place)
	return sealedMark + base64.StdEncoding.EncodeToString(sealed), err
}

// reveal gives what hide was given. The error wraps seal.ErrSealed where the ledger has
// not the key.
func (l *Ledger) reveal(text, place string) (string, error) {
	encoded, ok := strings.CutPrefix(text, sealedMark)
	if !ok {
		return text, nil
	}
	sealed, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", fmt.Errorf("ledger: %s: %w", place, seal.ErrSealed)
	}
	opened, err := l.keys.Open(sealed, "ledger/"+place)
	return string(opened), err
}

func exportPlace(runID string) string    { return "run/" + runID }
func publishedPlace(runID string) string { return "published/" + runID }
func markPlace(runID, file string, first int64) string {
	return fmt.Sprintf("mark/%s/%s/%d", runID, file, first)
}
