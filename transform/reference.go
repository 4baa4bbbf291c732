package transform

import (
	"strings"
)

// splitReference takes a literal reference (FHIR R4, "References") apart. id
// and typ are empty where the reference is a fragment, a URN or nothing that
// ends in Type/id. plain says that it is just Type/id.
func splitReference(ref string) (typ, id string, plain bool) {
	if strings.HasPrefix(ref, "#") || strings.HasPrefix(ref, "urn:") {
		return "", "", false
	}
	path, _, versioned := strings.Cut(ref, "/_history/")
	rest, id := cutLast(path)
	prefix, typ := cutLast(rest)
	if id == "" || typ == "" || typ[0] < 'A' || typ[0] > 'Z' {
		return "", "", false
	}
	return typ, id, prefix == "" && !versioned
}

func cutLast(s string) (before, last string) {
	i := strings.LastIndexByte(s, '/')
	return s[:max(i, 0)], s[i+1:]
}
