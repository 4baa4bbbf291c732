package transform

import "bytes"

// splitReference takes a literal reference (FHIR R4, "References") apart. id
// and typ are empty where the reference is a fragment, a URN or nothing that
// ends in Type/id. plain says that it is just Type/id.
func splitReference(ref []byte) (typ, id []byte, plain bool) {
	if bytes.HasPrefix(ref, []byte("urn:")) || !isLiteral(ref) {
		return nil, nil, false
	}
	path, _, versioned := bytes.Cut(ref, []byte("/_history/"))
	rest, id := cutLast(path)
	prefix, typ := cutLast(rest)
	if len(id) == 0 || len(typ) == 0 || typ[0] < 'A' || typ[0] > 'Z' {
		return nil, nil, false
	}
	return typ, id, len(path) == len(ref) && len(prefix) == 0 && len(rest) == len(typ) && !versioned
}

// isLiteral reports whether ref has no fragment, query, version or space.
func isLiteral(ref []byte) bool {
	for _, c := range ref {
		if c == '#' || c == '?' || c == '|' || c == ' ' {
			return false
		}
	}
	return true
}

func cutLast(s []byte) (before, last []byte) {
	i := bytes.LastIndexByte(s, '/')
	return s[:max(i, 0)], s[i+1:]
}
