package transform

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/zeebo/xxh3"

	"github.com/claimlake/claimlake/internal/strictyaml"
)

// ErrMapping says that a mapping has mistakes; the error lists them all.
var ErrMapping = errors.New("mapping is not valid")

// Mapping is one mapping file: how a resource type becomes tables. Make it with
// ParseMapping.
type Mapping struct {
	Resource    string      `yaml:"resource"`
	Description string      `yaml:"description"`
	Strict      bool        `yaml:"strict"` // check every byte of a line, also where nothing is mapped
	Extras      string      `yaml:"extras"` // keep: what no column takes goes into a column of the root table
	Tables      []tableSpec `yaml:"tables"`

	id string // name and hash, the value of the column _mapping
}

// tableSpec is a table as a mapping writes it. The first of a mapping is the
// root: one row per resource.
type tableSpec struct {
	Name        string  `yaml:"name"`
	Description string  `yaml:"description"`
	Rows        list    `yaml:"rows"` // paths to the elements that are rows; none in the root
	Key         list    `yaml:"key"`
	Columns     columns `yaml:"columns"`
}

// columnSpec is a column as a mapping writes it. A composite type stands for
// several columns.
type columnSpec struct {
	Name        string `yaml:"name"`
	Path        list   `yaml:"path"` // alternatives: the first that is present
	Type        string `yaml:"type"`
	Description string `yaml:"description"`
	Precision   bool   `yaml:"precision"` // adds <name>_precision: year, month, day, minute or second
	Choice      bool   `yaml:"choice"`    // adds <name>_choice: the path that was taken
	Join        string `yaml:"join"`      // joins an array of strings
	Without     string `yaml:"without"`   // characters that are left out of a string or code
	Sum         bool   `yaml:"sum"`       // adds up all amounts at the path, in which #(…)# is every element that matches
	Of          string `yaml:"of"`        // Period: type of start and end, date unless said

	at string // place among the table's columns, such as [3] or, in a group, [3][0]
}

// list is a YAML string or list of strings.
type list []string

// UnmarshalYAML reads one string as a list of one.
func (l *list) UnmarshalYAML(decode func(any) error) error {
	var one string
	if decode(&one) == nil {
		*l = list{one}
		return nil
	}
	var many []string
	err := decode(&many)
	*l = many
	return err
}

// Under says that a policy, which name stands for, changes the rows of the mapping: it
// joins the mapping's name in the column _mapping, so that rows of another policy are
// known.
func (m *Mapping) Under(name string) { m.id += "+policy@" + name }

// generation stands for what a mapping means. It changes where the same mapping gives
// other rows than before, so that lines which are loaded are flattened again when they
// come again: the second one reads ids from a urn:uuid and from references with a slash
// at their end.
const generation = "2\n"

// ParseMapping reads a mapping from src, the content of file. The error wraps
// ErrMapping and names every mistake as "file:line:column: …".
func ParseMapping(file string, src []byte) (*Mapping, error) {
	var m Mapping
	doc, err := strictyaml.Read(file, src, &m)
	if err != nil {
		return nil, fmt.Errorf("%w:\n%w", ErrMapping, err)
	}
	var lines []string
	m.check(func(key, format string, args ...any) {
		lines = append(lines, doc.At(key)+": "+fmt.Sprintf(format, args...))
	})
	if len(lines) > 0 {
		return nil, fmt.Errorf("%w:\n%s", ErrMapping, strings.Join(lines, "\n"))
	}
	m.Strict = m.Strict || m.Extras == extrasKeep // what is kept must be JSON
	stem := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	m.id = fmt.Sprintf("%s@%08x", stem, uint32(xxh3.Hash(append([]byte(generation), src...))))
	return &m, nil
}

var columnName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

type report func(key, format string, args ...any)

func (m *Mapping) check(bad report) {
	if m.Resource == "" {
		bad("resource", "a mapping needs the resource type")
	}
	if len(m.Tables) == 0 {
		bad("tables", "a mapping needs at least one table")
	}
	m.checkExtras(bad)
	seen := map[string]bool{}
	for i, t := range m.Tables {
		at := fmt.Sprintf("tables[%d]", i)
		if seen[t.Name] {
			bad(at+".name", "table %q is there twice", t.Name)
		}
		seen[t.Name] = true
		if (i == 0) != (len(t.Rows) == 0) {
			bad(at+".name", "table %q: the first table has no rows path, all others have", t.Name)
		}
		t.check(at, bad)
		t.checkRows(at, bad)
	}
}

// checkRows finds row paths that cannot be read, and columns of the root table
// that reach for a parent.
func (t tableSpec) checkRows(at string, bad report) {
	for _, text := range t.Rows {
		if _, err := parseRowPath(text); err != nil {
			bad(at+".rows", "table %q: %v", t.Name, err)
		}
	}
	for _, c := range t.Columns {
		if len(t.Rows) == 0 && slices.ContainsFunc(c.Path, func(p string) bool { return strings.HasPrefix(p, "^") }) {
			bad(at+".columns"+c.at+".path", "column %q: a resource has no parent, so ^ leads nowhere", c.Name)
		}
	}
}

func (t tableSpec) check(at string, bad report) {
	if !columnName.MatchString(t.Name) {
		bad(at+".name", "table name %q is not snake_case", t.Name)
	}
	seen := map[string]bool{}
	for _, spec := range t.Columns {
		here := at + ".columns" + spec.at
		columns, err := spec.expand()
		if err != nil {
			bad(here+".name", "column %q: %v", spec.Name, err)
		}
		for _, c := range columns {
			if seen[c.name] {
				bad(here+".name", "column %q is there twice", c.name)
			}
			if !columnName.MatchString(c.name) {
				bad(here+".name", "column name %q is not snake_case", c.name)
			}
			seen[c.name] = true
		}
	}
	if len(t.Key) == 0 {
		bad(at+".name", "table %q needs a key", t.Name)
	}
	for _, k := range t.Key {
		if !seen[k] {
			bad(at+".key", "key column %q is not among the columns", k)
		}
	}
}

// columns is the list of a table's columns. An entry may be a list itself, a
// group, so that a YAML anchor can name columns that several tables share.
type columns []columnSpec

// columnEntry is one entry of the list: a column, or a group of entries.
type columnEntry struct{ columns columns }

// UnmarshalYAML reads the entries and puts the columns of groups in their place.
func (c *columns) UnmarshalYAML(decode func(any) error) error {
	var entries []columnEntry
	if err := decode(&entries); err != nil {
		return err
	}
	*c = nil
	for i, e := range entries {
		for _, spec := range e.columns {
			spec.at = fmt.Sprintf("[%d]%s", i, spec.at)
			*c = append(*c, spec)
		}
	}
	return nil
}

// UnmarshalYAML reads a column or a group.
func (e *columnEntry) UnmarshalYAML(decode func(any) error) error {
	var group []any
	if decode(&group) == nil {
		return decode(&e.columns)
	}
	e.columns = make(columns, 1)
	return decode(&e.columns[0])
}
