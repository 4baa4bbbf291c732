package transform

// keyOrder guesses the next key of the objects at one node. A server writes the
// keys of all objects of a kind in nearly the same order, so comparing with the
// key that followed last time saves the look-up, and for keys that no path wants
// the search for their end.
type keyOrder struct {
	known []knownKey
	index map[string]int32
	first int32 // the key that came first last time
}

// knownKey is a key seen or wanted.
type knownKey struct {
	text string
	node *node // nil when no path wants it
	next int32 // the key that followed last time
}

// Limits of what is learned, so that odd data cannot fill the memory.
const (
	maxKnownKeys = 128
	maxKeyLength = 64
)

func newKeyOrder(n *node) keyOrder {
	o := keyOrder{index: map[string]int32{}}
	for text, child := range n.keys {
		o.index[text] = int32(len(o.known))
		o.known = append(o.known, knownKey{text: text, node: child})
	}
	for i := range o.known {
		o.known[i].next = int32((i + 1) % len(o.known))
	}
	return o
}

// find looks key up and learns it. It gives -1 for a key that is not wanted and
// not worth learning.
func (o *keyOrder) find(key []byte) int32 {
	if i, ok := o.index[string(key)]; ok {
		return i
	}
	if len(o.known) >= maxKnownKeys || len(key) > maxKeyLength || !plainASCII(key) {
		return -1
	}
	i := int32(len(o.known))
	text := string(key)
	o.known = append(o.known, knownKey{text: text, next: i})
	o.index[text] = i
	return i
}

// follow notes that key next came after key last, or first when last is -1.
func (o *keyOrder) follow(last, next int32) {
	if last < 0 {
		o.first = next
	} else {
		o.known[last].next = next
	}
}

func plainASCII(key []byte) bool {
	for _, c := range key {
		if c < ' ' || c > '~' || c == '\\' || c == '"' {
			return false
		}
	}
	return true
}
