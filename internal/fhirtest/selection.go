package fhirtest

import (
	"slices"
	"time"

	"github.com/tidwall/gjson"
)

// selection says what an export has of what the server holds.
type selection struct {
	allowed      func(resourceType string) bool // by the token and _type
	since, until time.Time                      // zero: no bound
	patients     map[string]bool                // ids; nil: all
	queries      map[string][]query             // by resource type; alternatives
	elements     elements
}

// whole reports whether all resources of the type go out as they are.
func (s *selection) whole(resourceType string) bool {
	return s.since.IsZero() && s.until.IsZero() && s.patients == nil &&
		len(s.queries[resourceType]) == 0 && !s.elements.touch(resourceType)
}

// has reports whether the resource belongs to the export. What is about no
// patient belongs to every patient: claims refer to it.
func (s *selection) has(resourceType string, line []byte) bool {
	if !s.changed(gjson.GetBytes(line, "meta.lastUpdated").String()) {
		return false
	}
	if id := patientOf(line); s.patients != nil && id != "" && !s.patients[id] {
		return false
	}
	alternatives := s.queries[resourceType]
	return len(alternatives) == 0 || slices.ContainsFunc(alternatives, func(q query) bool { return q.matches(line) })
}

// changed reports whether the time is after since and not after until. What has
// no time that can be read may have changed.
func (s *selection) changed(lastUpdated string) bool {
	at, err := time.Parse(time.RFC3339, lastUpdated)
	if err != nil {
		return true
	}
	return (s.since.IsZero() || at.After(s.since)) && (s.until.IsZero() || !at.After(s.until))
}
