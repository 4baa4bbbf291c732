package config

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/claimlake/claimlake/internal/strictyaml"
)

// ErrInvalid says that a configuration has mistakes; the error lists them all.
var ErrInvalid = errors.New("configuration is not valid")

// Load reads and checks the file at path. The error names every mistake as
// "file:line:column: …" and wraps ErrInvalid.
func Load(path string) (Config, error) {
	c, _, problems, err := readFile(path)
	if err == nil {
		err = invalid(problems)
	}
	if err != nil {
		return Config{}, err
	}
	return c, nil
}

// readFile reads the file at path, and gives what is wrong in it.
func readFile(path string) (c Config, doc document, problems []string, err error) {
	src, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return c, doc, nil, fmt.Errorf("%w: there is no %s; make one with: claimlake config init", ErrInvalid, path)
	}
	if err != nil {
		return c, doc, nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if st, err := os.Stat(path); err == nil && st.Mode().IsRegular() && st.Mode().Perm()&0o002 != 0 {
		return c, doc, nil, fmt.Errorf("%w: everybody may write %s, and it says which programs are run and where rows go: chmod o-w %s", ErrInvalid, path, path)
	}
	c, doc, problems = parse(path, src)
	return c, doc, problems, nil
}

// Parse checks the configuration in src; path is for its errors.
func Parse(path string, src []byte) (Config, error) {
	c, _, problems := parse(path, src)
	if err := invalid(problems); err != nil {
		return Config{}, err
	}
	return c, nil
}

// document is a file that was read, with its mistakes.
type document struct {
	strictyaml.Doc
	said map[string]bool // places that have one
}

// parse reads src and lists all that is wrong, also next to what cannot be read.
func parse(path string, src []byte) (c Config, doc document, problems []string) {
	c = defaults(src)
	var err error
	doc.said = map[string]bool{}
	doc.Doc, err = strictyaml.Read(path, src, &c)
	if err != nil {
		for line := range strings.Lines(err.Error()) {
			line = strings.TrimSpace(line)
			problems = append(problems, line)
			place, _, _ := strings.Cut(line, ": ")
			doc.said[place] = true
		}
	}
	if !doc.Parsed() {
		return c, doc, problems
	}
	return c, doc, append(problems, doc.place(check(c))...)
}

// place says where mistakes are. A value that could not be read has one already.
func (d document) place(mistakes []mistake) (lines []string) {
	for _, m := range mistakes {
		if at := d.At(m.key); !d.said[at] {
			lines = append(lines, fmt.Sprintf("%s: %s: %s", at, m.key, m.text))
		}
	}
	return lines
}

// invalid joins mistakes in the order of the file; nil for none.
func invalid(lines []string) error {
	if len(lines) == 0 {
		return nil
	}
	slices.SortStableFunc(lines, func(a, b string) int {
		lineA, columnA := position(a)
		lineB, columnB := position(b)
		return cmp.Or(cmp.Compare(lineA, lineB), cmp.Compare(columnA, columnB))
	})
	return fmt.Errorf("%w:\n%s", ErrInvalid, strings.Join(lines, "\n"))
}

var atPlace = regexp.MustCompile(`:(\d+):(\d+): `)

// position is the line and column that a mistake begins with.
func position(text string) (line, column int) {
	if m := atPlace.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		column, _ = strconv.Atoi(m[2])
	}
	return line, column
}
