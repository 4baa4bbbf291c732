package fhirtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// produce makes the export's files.
func (s *Server) produce(e *export, o *order, now contents) error {
	makeOutput := s.byType
	if o.organizedBy != "" {
		makeOutput = s.byPatient
	}
	if err := makeOutput(e, o, now); err != nil {
		return fmt.Errorf("make the export's files: %w", err)
	}
	if err := s.makeDeletions(e, o, now); err != nil {
		return fmt.Errorf("make the export's deleted files: %w", err)
	}
	if err := s.makeOutcomes(e, o); err != nil {
		return fmt.Errorf("make the export's outcome files: %w", err)
	}
	return nil
}

// byType makes files with one resource type each.
func (s *Server) byType(e *export, o *order, now contents) error {
	sources := map[string][]source{}
	for _, src := range now.sources {
		if o.allowed(src.resourceType) {
			sources[src.resourceType] = append(sources[src.resourceType], src)
		}
	}
	for _, resourceType := range slices.Sorted(maps.Keys(sources)) {
		produce := s.filtered
		if o.whole(resourceType) {
			produce = s.asIs
		}
		files, err := produce(e, o, sources[resourceType])
		if err != nil {
			return err
		}
		for i := range files {
			files[i].resourceType = resourceType
		}
		e.output = append(e.output, files...)
	}
	return nil
}

// asIs makes files that are byte ranges of the sources.
func (s *Server) asIs(_ *export, o *order, sources []source) ([]outputFile, error) {
	var files []outputFile
	for _, src := range sources {
		pieces, err := s.catalogue.pieces(src, o.fileBytes)
		if err != nil {
			return nil, err
		}
		for _, p := range pieces {
			name := fmt.Sprintf("%s-%d.ndjson", src.resourceType, len(files)+1)
			files = append(files, outputFile{name: name, content: src.stamp, piece: p})
		}
	}
	return files, nil
}

// filtered writes files with what belongs to the export.
func (s *Server) filtered(e *export, o *order, sources []source) ([]outputFile, error) {
	w := &splitter{dir: e.dir, prefix: sources[0].resourceType, limit: o.fileBytes}
	for _, src := range sources {
		for line, err := range fileLines(src.path) {
			if err != nil {
				return nil, err
			}
			if blank(line) || !o.has(src.resourceType, line) {
				continue
			}
			if err := w.write(o.elements.cut(src.resourceType, line)); err != nil {
				return nil, err
			}
		}
	}
	return w.finish()
}

// typed says of files that are no output what they have, as the manifests before STU4 do.
func (s *Server) typed(files []outputFile, resourceType string) []outputFile {
	if s.version < stu4 {
		for i := range files {
			files[i].resourceType = resourceType
		}
	}
	return files
}

// makeOutcomes writes what the client should know.
func (s *Server) makeOutcomes(e *export, o *order) error {
	w := &splitter{dir: e.dir, prefix: "outcome", limit: o.fileBytes}
	for _, told := range o.outcomes {
		line, err := json.Marshal(told)
		if err != nil {
			return err
		}
		if err := w.write(line); err != nil {
			return err
		}
	}
	files, err := w.finish()
	e.outcomes = s.typed(files, "OperationOutcome")
	return err
}
