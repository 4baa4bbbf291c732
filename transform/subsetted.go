package transform

import "time"

// subsetted is the tag of a resource that does not have all of its elements (FHIR,
// "Search": _elements and _summary).
var subsetted = mustPath(`meta.tag.#(code=="SUBSETTED").code`)

func mustPath(text string) path {
	p, err := parsePath(text)
	if err != nil || p.rest != "" {
		panic("not a path of the scan: " + text)
	}
	return p
}

const (
	// belowBy is how much less a resource's version counts that lacks elements: a
	// hundred years, so that each complete copy outranks it, and those that lack
	// elements keep their order among each other. All stores then agree, which compare
	// versions and nothing else.
	belowBy = int64(36525 * 24 * time.Hour / time.Microsecond)
	// leastVersion is the least time that ClickHouse can have, 1900-01-01.
	leastVersion = int64(-2208988800000000)
)

// Partial reports whether a version, in microseconds, is that of a resource that lacks
// elements: of before 1970, when no server was, and not the least, which times that are
// none have (0001-01-01).
func Partial(version int64) bool { return version < 0 && version > leastVersion }

// belowComplete is the version, in microseconds, of a resource that lacks elements.
func belowComplete(version int64) int64 { return max(version-belowBy, leastVersion) }
