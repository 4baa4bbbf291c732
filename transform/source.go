package transform

import (
	"errors"
	"fmt"
	"strings"
)

// source is where a column's value comes from, relative to its row.
type source struct {
	text   string // as the mapping writes it
	root   bool   // $: the resource
	up     int    // ^: how many row elements up
	pseudo string // @path, @level or @position; then there is no path
	path   path
	base   path  // the composite that path is a part of: it decides which alternative is present
	via    *path // @contained: the reference to the contained resource that path and base start at
}

// The pseudo values of a row.
const (
	pseudoPath     = "@path"     // positions from the resource down, such as 1.2
	pseudoLevel    = "@level"    // number of arrays around the element, itself included
	pseudoPosition = "@position" // position in its array, from 1
)

// throughContained, after a Reference, leads on to the contained resource that
// it names (FHIR R4, "Contained Resources").
const throughContained = ".@contained."

// parseSource reads a column path: gjson's, with $. for the resource and ^. for
// the enclosing row element, or one of @path, @level and @position. part is the
// way from there to one part of a composite type, such as .coding.0.code.
func parseSource(text, part string, m manner) (source, error) {
	s, rest := source{text: text + part}, text
	if r, ok := strings.CutPrefix(rest, "$."); ok {
		s.root, rest = true, r
	}
	for strings.HasPrefix(rest, "^") {
		s.up++
		rest = strings.TrimPrefix(rest[1:], ".")
	}
	switch rest {
	case "":
		return source{}, fmt.Errorf("path %q ends too early", text)
	case pseudoPath, pseudoLevel, pseudoPosition:
		s.pseudo = rest
		return s, nil
	}
	if s.root && s.up > 0 {
		return source{}, errors.New("$ and ^ do not go together")
	}
	if reference, inside, ok := strings.Cut(rest, throughContained); ok {
		via, err := parsePath(reference + ".reference")
		if err != nil || via.rest != "" {
			return source{}, fmt.Errorf("path %q: %q before @contained cannot be scanned", text, reference)
		}
		s.via, rest = &via, inside
	}
	err := s.parse(rest, part, m)
	return s, err
}

func (s *source) parse(rest, part string, m manner) (err error) {
	if s.base, err = parseSteps(rest, m); err == nil {
		s.path, err = parseSteps(rest+part, m)
	}
	return err
}

// from is the scope that s starts at for a row of sc; nil where that is beyond
// the resource.
func (s source) from(sc *scope) *scope {
	for up := s.up; sc != nil && (up > 0 || s.root && sc.parent != nil); up-- {
		sc = sc.parent
	}
	return sc
}
