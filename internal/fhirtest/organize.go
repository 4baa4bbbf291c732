package fhirtest

import (
	"encoding/json"
	"os"
)

// place is where a resource stands.
type place struct {
	source int
	offset int64
	length int
}

// byPatient makes files of resource blocks: a Parameters header that names a
// patient, the patient, and what refers to it. What is about no patient is
// omitted (Bulk Data, "Bulk Data Output File Organization").
func (s *Server) byPatient(e *export, o *order, now contents) error {
	ids, blocks, err := blocksOf(o, now.sources)
	if err != nil {
		return err
	}
	files := make([]*os.File, len(now.sources))
	defer func() {
		for _, f := range files {
			_ = f.Close()
		}
	}()
	for i, src := range now.sources {
		if files[i], err = os.Open(src.path); err != nil {
			return err
		}
	}
	w := &splitter{dir: e.dir, prefix: "Patient-block", limit: o.fileBytes}
	for _, id := range ids {
		if err := writeBlock(w, o, id, blocks[id], files, now.sources); err != nil {
			return err
		}
	}
	e.output, err = w.finish()
	return err
}

// blocksOf finds the resources of each patient, the Patient first, and the
// order in which patients appear.
func blocksOf(o *order, sources []source) (ids []string, blocks map[string][]place, err error) {
	blocks = map[string][]place{}
	for i, src := range sources {
		if !o.allowed(src.resourceType) {
			continue
		}
		var offset int64
		for line, err := range fileLines(src.path) {
			if err != nil {
				return nil, nil, err
			}
			at := place{i, offset, len(line)}
			offset += int64(len(line))
			id := patientOf(line)
			if id == "" || blank(line) || !o.has(src.resourceType, line) {
				continue
			}
			if blocks[id] == nil {
				ids = append(ids, id)
			}
			if src.resourceType == "Patient" {
				blocks[id] = append([]place{at}, blocks[id]...)
			} else {
				blocks[id] = append(blocks[id], at)
			}
		}
	}
	return ids, blocks, nil
}

// writeBlock writes one patient's block. Where it does not fit, the header is
// repeated in the next file and the file says where it goes on.
func writeBlock(w *splitter, o *order, id string, block []place, files []*os.File, sources []source) error {
	header, err := headerOf(id)
	if err != nil {
		return err
	}
	for i, at := range block {
		line := make([]byte, at.length)
		if _, err := files[at.source].ReadAt(line, at.offset); err != nil {
			return err
		}
		line = o.elements.cut(sources[at.source].resourceType, line)
		if err := writeMember(w, header, line, i == 0); err != nil {
			return err
		}
	}
	return nil
}

func headerOf(patient string) ([]byte, error) {
	return json.Marshal(object{"resourceType": "Parameters", "parameter": []any{
		object{"name": "header", "valueReference": object{"reference": "Patient/" + patient}},
	}})
}

// writeMember writes a line of a block, after the header where the block or a
// file begins.
func writeMember(w *splitter, header, line []byte, first bool) error {
	if w.full(len(line)) {
		if err := w.next(); err != nil {
			return err
		}
		if last := len(w.files) - 1; !first {
			w.files[last-1].continuesIn = w.files[last].name
		}
		first = true
	}
	if first {
		if err := w.put(header); err != nil {
			return err
		}
	}
	return w.put(line)
}
