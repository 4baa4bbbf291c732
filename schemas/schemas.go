package schemas

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"sync"

	"github.com/claimlake/claimlake/transform"
)

//go:embed *.yaml
var files embed.FS

// Builtin gives the mappings of this package, by resource type. An error wraps
// transform.ErrMapping.
func Builtin() ([]*transform.Mapping, error) {
	parsed, err := builtin()
	var own []*transform.Mapping // which the caller may put under a policy
	for _, m := range parsed {
		c := *m
		own = append(own, &c)
	}
	return own, err
}

// builtin parses once: a process that runs many commands, as tests do, took a third of its
// time for it.
var builtin = sync.OnceValues(func() ([]*transform.Mapping, error) { return read(files, ".") })

// Load gives the built-in mappings, in which those in the files *.yaml of the folder
// dir take the place of the ones with the same resource type. Without a dir it
// gives the built-in ones. The error wraps transform.ErrMapping, and names every
// mistake as file:line:column, or fs.ErrNotExist.
func Load(dir string) ([]*transform.Mapping, error) {
	mappings, err := Builtin()
	if err != nil || dir == "" {
		return mappings, err
	}
	own, err := read(os.DirFS(dir), dir)
	if err != nil {
		return nil, err
	}
	return overlay(mappings, own)
}

// overlay replaces mappings of base by those of own.
func overlay(base, own []*transform.Mapping) ([]*transform.Mapping, error) {
	byType := map[string]*transform.Mapping{}
	var problems []error
	for _, m := range own {
		if byType[m.Resource] != nil {
			problems = append(problems, fmt.Errorf("two files map %s: leave one out", m.Resource))
		}
		byType[m.Resource] = m
	}
	for _, m := range base {
		if byType[m.Resource] == nil {
			own = append(own, m)
		}
	}
	return sorted(own), errors.Join(problems...)
}

// read parses all mappings of a folder; dir is how errors call it.
func read(folder fs.FS, dir string) ([]*transform.Mapping, error) {
	names, err := fs.Glob(folder, "*.yaml")
	if err != nil {
		return nil, err
	}
	if _, err := fs.Stat(folder, "."); err != nil {
		return nil, fmt.Errorf("read mappings in %s: %w", dir, err)
	}
	mappings, problems := make([]*transform.Mapping, len(names)), make([]error, len(names))
	var g sync.WaitGroup
	for i, name := range names { // all at once: they are most of the time that a command takes to start
		g.Go(func() { mappings[i], problems[i] = parse(folder, name, path.Join(dir, name)) })
	}
	g.Wait()
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return sorted(mappings), nil
}

func parse(folder fs.FS, name, shown string) (*transform.Mapping, error) {
	src, err := fs.ReadFile(folder, name)
	if err != nil {
		return nil, fmt.Errorf("read mapping: %w", err)
	}
	return transform.ParseMapping(shown, src)
}

func sorted(mappings []*transform.Mapping) []*transform.Mapping {
	slices.SortFunc(mappings, func(a, b *transform.Mapping) int { return cmp.Compare(a.Resource, b.Resource) })
	return mappings
}
