package fhirtest

import (
	"encoding/json"
	"strings"

	"github.com/tidwall/gjson"
)

// makeDeletions writes the Bundles of what was deleted since the time that the
// client asked for. A Bundle's time is its timestamp, else its meta.lastUpdated;
// without one it is always there.
func (s *Server) makeDeletions(e *export, o *order, now contents) error {
	if !e.incremental || s.version == stu1 || now.deleted == "" {
		return nil
	}
	w := &splitter{dir: e.dir, prefix: "deleted", limit: o.fileBytes}
	for line, err := range fileLines(now.deleted) {
		if err != nil {
			return err
		}
		at := gjson.GetBytes(line, "timestamp").String()
		if at == "" {
			at = gjson.GetBytes(line, "meta.lastUpdated").String()
		}
		if blank(line) || !o.changed(at) {
			continue
		}
		if bundle := deletionsOf(line, o.allowed); bundle != nil {
			if err := w.write(bundle); err != nil {
				return err
			}
		}
	}
	files, err := w.finish()
	e.deletions = s.typed(files, "Bundle")
	return err
}

// deletionsOf leaves the entries of the allowed types; nil where none is left.
func deletionsOf(bundle []byte, allowed func(string) bool) []byte {
	entries := gjson.GetBytes(bundle, "entry").Array()
	kept := []json.RawMessage{}
	for _, entry := range entries {
		resourceType, _, _ := strings.Cut(entry.Get("request.url").String(), "/")
		if allowed(resourceType) {
			kept = append(kept, json.RawMessage(entry.Raw))
		}
	}
	var fields map[string]json.RawMessage
	switch {
	case len(kept) == 0:
		return nil
	case len(kept) == len(entries) || json.Unmarshal(bundle, &fields) != nil:
		return bundle
	}
	fields["entry"], _ = json.Marshal(kept) // parts of a valid line
	out, _ := json.Marshal(fields)
	return out
}
