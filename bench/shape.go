package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// shape is what an element of the input is. DuckDB and ClickHouse want one type for
// each element before they read; the mapping has paths for the spellings of several
// FHIR versions and lets a value be of any kind. So they are told the shape of this
// very input, and spared all paths to what is not in it. claimlake is not told and
// looks for every path: this is in their favour.
type shape struct {
	keys map[string]*shape // of an object
	elem *shape            // of an array
	leaf                   // of a value

	wanted bool // a path goes through it or ends here
}

// leaf says which values are seen.
type leaf struct {
	number, boolean bool
	day             bool // texts such as 2019-05-04
	fragment        bool // texts such as #org
	text            bool // others
	uses            []string
}

// observe reads the shape of a file of NDJSON.
func observe(file string) (*shape, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	s := &shape{}
	for r := bufio.NewReaderSize(f, 1<<20); ; {
		line, err := r.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			if err := s.add(gjson.ParseBytes(line)); err != nil {
				return nil, fmt.Errorf("shape of %s: %w", file, err)
			}
		}
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// add makes s fit v too.
func (s *shape) add(v gjson.Result) (err error) {
	switch {
	case v.IsObject():
		v.ForEach(func(key, value gjson.Result) bool {
			err = s.key(key.Str).add(value)
			return err == nil
		})
	case v.IsArray():
		v.ForEach(func(_, value gjson.Result) bool {
			err = s.element().add(value)
			return err == nil
		})
	case v.Type == gjson.String:
		s.addText(v.Str)
	case v.Type == gjson.Number:
		s.number = true
	case v.IsBool():
		s.boolean = true
	}
	if s.keys != nil && s.elem != nil || (s.keys != nil || s.elem != nil) && (s.text || s.number) {
		err = errors.New("an element is an object here and an array or a value there; a typed reader cannot have both")
	}
	return err
}

func (s *shape) addText(text string) {
	switch {
	case len(text) == 10 && text[4] == '-' && text[7] == '-':
		s.day = true
	case strings.HasPrefix(text, "#"):
		s.fragment = true
	default:
		s.text = true
	}
}

func (s *shape) key(key string) *shape {
	if s.keys == nil {
		s.keys = map[string]*shape{}
	}
	if s.keys[key] == nil {
		s.keys[key] = &shape{}
	}
	return s.keys[key]
}

func (s *shape) element() *shape {
	if s.elem == nil {
		s.elem = &shape{}
	}
	return s.elem
}

// use notes that a column of a kind takes its value from s.
func (s *shape) use(kind string) {
	if !slices.Contains(s.uses, kind) {
		s.uses = append(s.uses, kind)
	}
}

// only says that s is used by columns of these kinds and no others.
func (s *shape) only(kinds ...string) bool {
	return len(s.uses) > 0 && !slices.ContainsFunc(s.uses, func(u string) bool { return !slices.Contains(kinds, u) })
}
