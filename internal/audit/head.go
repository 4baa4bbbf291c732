package audit

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/claimlake/claimlake/internal/durable"
)

const headName = "head.json"

// Head is where a trail begins and ends.
type Head struct {
	Seq  int64  `json:"seq"`  // of the last event; 0 for none
	Hash string `json:"hash"` // SHA-256 of its line, hex

	// First is the first event that is kept, whose Prev is FirstPrev: older ones are
	// pruned once they need no longer be kept.
	First     int64  `json:"first"`
	FirstPrev string `json:"first_prev"`

	Signature string `json:"signature"` // Ed25519 over the rest, hex
}

// String is what an operator keeps elsewhere.
func (h Head) String() string { return fmt.Sprintf("%d:%s", h.Seq, h.Hash) }

// genesis is the hash before the first line.
var genesis = hex.EncodeToString(make([]byte, sha256.Size))

func hashOf(line []byte) string {
	sum := sha256.Sum256(line)
	return hex.EncodeToString(sum[:])
}

// signed is what the signature is over.
func (h Head) signed() []byte {
	return fmt.Appendf(nil, "claimlake audit head\n%d\n%s\n%d\n%s\n", h.Seq, h.Hash, h.First, h.FirstPrev)
}

func (h Head) sign(key ed25519.PrivateKey) Head {
	h.Signature = hex.EncodeToString(ed25519.Sign(key, h.signed()))
	return h
}

func (h Head) valid(key ed25519.PublicKey) bool {
	signature, err := hex.DecodeString(h.Signature)
	return err == nil && hex.EncodeToString(signature) == h.Signature && ed25519.Verify(key, h.signed(), signature)
}

// readHead reads the head of a trail; ok is false where there is none yet. A head that says
// the same in other bytes, such as names in capitals, was not written by claimlake.
func readHead(dir string) (h Head, ok bool, err error) {
	text, err := os.ReadFile(filepath.Join(dir, headName))
	if errors.Is(err, os.ErrNotExist) {
		return Head{Hash: genesis, First: 1, FirstPrev: genesis}, false, nil
	}
	if err != nil {
		return Head{}, false, err
	}
	if err := json.Unmarshal(text, &h); err != nil {
		return Head{}, false, fmt.Errorf("%w: %s cannot be read", ErrAltered, headName)
	}
	if written, err := h.text(); err != nil || !bytes.Equal(text, written) {
		return Head{}, false, fmt.Errorf("%w: %s is not as it was written", ErrAltered, headName)
	}
	return h, true, nil
}

// text is the head as it is kept.
func (h Head) text() ([]byte, error) {
	text, err := json.Marshal(h)
	return append(text, '\n'), err
}

// write replaces the head.
func (h Head) write(dir string) error {
	text, err := h.text()
	if err != nil {
		return err
	}
	return durable.Write(filepath.Join(dir, headName), text)
}
