package transform

import (
	"encoding/json"
	"time"

	"github.com/tidwall/gjson"
)

// absentTag marks a deletion that no server reported: a full export lacks the resource.
const absentTag = "urn:claimlake:absent"

// Absent returns a line for Deletes that deletes a resource that a full export lacks. Its
// tombstone has the version of the loaded copy, so that it hides this copy and no later
// one, should the server have the resource again.
func Absent(resourceType, id string, version time.Time) []byte {
	type tag struct {
		System string `json:"system"`
	}
	type request struct {
		Method string `json:"method"`
		URL    string `json:"url"`
	}
	type entry struct {
		Request request `json:"request"`
	}
	type meta struct {
		LastUpdated string `json:"lastUpdated"`
		Tag         []tag  `json:"tag"`
	}
	line, _ := json.Marshal(struct { // cannot fail: strings alone
		ResourceType string  `json:"resourceType"`
		Type         string  `json:"type"`
		Meta         meta    `json:"meta"`
		Entry        []entry `json:"entry"`
	}{"Bundle", "transaction", meta{version.UTC().Format("2006-01-02T15:04:05.000000Z"), []tag{{absentTag}}}, []entry{{request{"DELETE", resourceType + "/" + id}}}})
	return append(line, '\n')
}

// absentVersion is the version in a line of Absent; false for other lines.
func absentVersion(line []byte) (micros int64, ok bool) {
	if !gjson.GetBytes(line, `meta.tag.#(system=="`+absentTag+`")`).Exists() {
		return 0, false
	}
	m, ok := parseMoment([]byte(gjson.GetBytes(line, "meta.lastUpdated").Str))
	return m.micros(), ok
}
