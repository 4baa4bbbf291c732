// Package leak finds marked values where they have no business: tests and claimlake
// doctor feed claimlake with them in place of patients' data and secrets.
package leak

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Mark begins each value that tests make up.
const Mark = "MARKED"

// Marks are texts that must not be seen.
type Marks []string

// in reports whether a text holds one of the marks.
func (m Marks) in(text []byte) bool {
	return slices.ContainsFunc(m, func(mark string) bool { return bytes.Contains(text, []byte(mark)) })
}

// Lines are the lines of text that hold a mark.
func (m Marks) Lines(text string) (found []string) {
	for line := range strings.Lines(text) {
		if m.in([]byte(line)) {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

// Files are the paths below dir that hold a mark, in their names or in their bytes.
// What is named like one of holders, shell patterns, is there to hold patients' data:
// neither it nor what is below it is looked at.
func (m Marks) Files(dir string, holders ...string) (found []string, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		held := slices.ContainsFunc(holders, func(pattern string) bool {
			match, _ := filepath.Match(pattern, d.Name())
			return match
		})
		switch {
		case held && d.IsDir():
			return filepath.SkipDir
		case held:
			return nil
		case m.in([]byte(d.Name())):
			found = append(found, path)
			return nil
		case !d.Type().IsRegular():
			return nil
		}
		content, err := os.ReadFile(path)
		if err == nil && m.in(content) {
			found = append(found, path)
		}
		return err
	})
	return found, err
}
