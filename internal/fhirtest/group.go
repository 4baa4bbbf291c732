package fhirtest

import (
	"net/http"

	"github.com/tidwall/gjson"
)

// everyone is the id of the group that has all patients.
const everyone = "all"

// members returns the ids of a group's patients; nil is all patients.
func (now contents) members(group string) (map[string]bool, error) {
	if group == everyone {
		return nil, nil
	}
	for _, s := range now.sources {
		if s.resourceType != "Group" {
			continue
		}
		for line, err := range fileLines(s.path) {
			if err != nil {
				return nil, err
			}
			if gjson.GetBytes(line, "id").String() == group {
				return membersOf(line), nil
			}
		}
	}
	return nil, refuse(http.StatusNotFound, "not-found", "there is no such Group")
}

func membersOf(group []byte) map[string]bool {
	ids := map[string]bool{}
	for _, reference := range gjson.GetBytes(group, "member.#.entity.reference").Array() {
		if id := patientID(reference.String()); id != "" {
			ids[id] = true
		}
	}
	return ids
}
