package value

import "bytes"

// SplitReference takes a literal reference (FHIR R4, "References") apart: Type/id, also
// absolute, of a version, or with a query, a fragment or a slash at its end. id and typ
// are empty where the reference is a fragment, a search, or nothing that ends in
// Type/id. A urn:uuid has an id and no type: exports name a resource so whose id is that
// UUID. plain says that it is just Type/id.
func SplitReference(ref []byte) (typ, id []byte, plain bool) {
	text := bytes.TrimSpace(ref)
	if n := bytes.IndexAny(text, "?#|"); n >= 0 {
		text = text[:n]
	}
	text = bytes.TrimRight(text, "/")
	if len(text) > len(urnUUID) && bytes.EqualFold(text[:len(urnUUID)], urnUUID) {
		if id = text[len(urnUUID):]; !isID(id) {
			return nil, nil, false
		}
		return nil, id, false
	}
	if len(text) >= len(urn) && bytes.EqualFold(text[:len(urn)], urn) {
		return nil, nil, false // such as an OID
	}
	if n := bytes.Index(text, history); n >= 0 && (len(text) == n+len(history) || text[n+len(history)] == '/') {
		text = bytes.TrimRight(text[:n], "/")
	}
	rest, id := cutLast(text)
	prefix, typ := cutLast(rest)
	if len(id) == 0 || !IsTypeName(typ) || bytes.IndexByte(id, ' ') >= 0 {
		return nil, nil, false
	}
	return typ, id, len(text) == len(ref) && len(prefix) == 0 && len(rest) == len(typ)
}

var (
	urn     = []byte("urn:")
	urnUUID = []byte("urn:uuid:")
	history = []byte("/_history")
)

// IsContained reports whether a reference names a resource within its own.
func IsContained(ref []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(ref), []byte("#")) }

// isID reports whether a text has the letters of an id only (FHIR R4, "id").
func isID(text []byte) bool {
	for _, c := range text {
		letter := (c|0x20) >= 'a' && (c|0x20) <= 'z'
		if !letter && (c < '0' || c > '9') && c != '-' && c != '.' {
			return false
		}
	}
	return len(text) > 0 && len(text) <= maxIDBytes
}

const maxIDBytes = 64

func cutLast(s []byte) (before, last []byte) {
	i := bytes.LastIndexByte(s, '/')
	return s[:max(i, 0)], s[i+1:]
}

// IsTypeName reports whether a text can be the name of a resource type. Names are
// counted and shown: what else stands there may be anything, and is neither.
func IsTypeName(text []byte) bool {
	if len(text) == 0 || len(text) > maxTypeName || text[0] < 'A' || text[0] > 'Z' {
		return false
	}
	for _, c := range text {
		if (c|0x20) < 'a' || (c|0x20) > 'z' {
			return false
		}
	}
	return true
}

const maxTypeName = 64
