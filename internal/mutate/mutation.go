package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// mutation is a guard that is taken out.
type mutation struct {
	name  string
	pkg   string // such as ./load/parquet
	test  string // regular expression, as of go test -run
	edits []edit
}

// edit replaces code, which is in its file once.
type edit struct {
	file     string // within the repository
	was, now string
}

// errList says that the list cannot be read.
var errList = errors.New("the list of mutations is not valid")

// parse reads a list. A mutation is
//
//	= what is taken out
//	test PACKAGE TESTS
//	file PATH
//	-lines of the file, each with its indentation
//	+lines that take their place; none, where they are left out
//
// and may have more of the last three. Lines that are empty or begin with # say nothing.
func parse(r io.Reader) (list []mutation, err error) {
	lines := bufio.NewScanner(r)
	var p reading
	for n := 1; lines.Scan(); n++ {
		if err := p.line(lines.Text()); err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", errList, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%w: %w", errList, err)
	}
	names := map[string]bool{}
	for _, m := range p.list {
		if err := m.check(); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", errList, m.name, err)
		}
		if names[m.name] {
			return nil, fmt.Errorf("%w: %s is there twice", errList, m.name)
		}
		names[m.name] = true
	}
	return p.list, nil
}

type reading struct {
	list []mutation
	file string
	last byte // of the line before: - or +, else 0
}

func (p *reading) line(text string) error {
	kind := byte(0)
	if text != "" {
		kind = text[0]
	}
	before := p.last
	p.last = 0
	if kind == 0 || kind == '#' {
		return nil
	}
	if kind == '=' {
		p.list, p.file = append(p.list, mutation{name: strings.TrimSpace(text[1:])}), ""
		return nil
	}
	if len(p.list) == 0 {
		return errors.New("the first mutation begins with =")
	}
	m := &p.list[len(p.list)-1]
	switch {
	case kind == '-':
		if p.last = kind; before != kind {
			m.edits = append(m.edits, edit{file: p.file})
		}
		m.edits[len(m.edits)-1].was += text[1:] + "\n"
	case kind == '+':
		if p.last = kind; before == 0 {
			return errors.New("what is put in comes after what it replaces")
		}
		m.edits[len(m.edits)-1].now += text[1:] + "\n"
	case strings.HasPrefix(text, "file "):
		p.file = strings.TrimSpace(text[len("file "):])
	case strings.HasPrefix(text, "test "):
		if _, err := fmt.Sscan(text[len("test "):], &m.pkg, &m.test); err != nil {
			return errors.New("want: test PACKAGE TESTS")
		}
	default:
		return errors.New("want =, test, file, - or +")
	}
	return nil
}

func (m mutation) check() error {
	switch {
	case m.pkg == "":
		return errors.New("it has no test")
	case len(m.edits) == 0:
		return errors.New("it changes nothing")
	}
	for _, e := range m.edits {
		if e.file == "" || e.was == e.now {
			return errors.New("an edit has no file, or changes nothing")
		}
	}
	return nil
}

// apply gives the files of the repository in root as they are without the guard, by their
// paths. The error says which code is no longer there, or there twice.
func (m mutation) apply(root string) (map[string]string, error) {
	files := map[string]string{}
	for _, e := range m.edits {
		path := filepath.Join(root, filepath.FromSlash(e.file))
		if _, known := files[path]; !known {
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			files[path] = string(text)
		}
		if n := strings.Count("\n"+files[path], "\n"+e.was); n != 1 {
			return nil, fmt.Errorf("%s has these lines %d times, want once; bring the list up to date:\n%s", e.file, n, e.was)
		}
		files[path] = strings.TrimPrefix(strings.Replace("\n"+files[path], "\n"+e.was, "\n"+e.now, 1), "\n")
	}
	return files, nil
}
