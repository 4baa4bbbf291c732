package pipeline

import (
	"crypto/sha256"
	"sync"

	"github.com/claimlake/claimlake/extract/smart"
)

// atomicToken knows the last token by its hash.
type atomicToken struct {
	mu   sync.Mutex
	hash [sha256.Size]byte
}

// changed reports whether a token is another than the last one, and remembers it.
func (a *atomicToken) changed(t smart.Token) bool {
	hash := sha256.Sum256([]byte(t.Access.Reveal()))
	a.mu.Lock()
	defer a.mu.Unlock()
	changed := hash != a.hash
	a.hash = hash
	return changed
}
