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

// Mark begins each value that must not be seen.
const Mark = "MARKED"

// Lines are the lines of text that hold a mark.
func Lines(text string) (found []string) {
	for line := range strings.Lines(text) {
		if strings.Contains(line, Mark) {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found
}

// Files are the paths below dir that hold a mark, in their names or in their bytes.
// What is named like one of holders, shell patterns, is there to hold patients' data:
// neither it nor what is below it is looked at.
func Files(dir string, holders ...string) (found []string, err error) {
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
		case strings.Contains(d.Name(), Mark):
			found = append(found, path)
			return nil
		case !d.Type().IsRegular():
			return nil
		}
		content, err := os.ReadFile(path)
		if err == nil && bytes.Contains(content, []byte(Mark)) {
			found = append(found, path)
		}
		return err
	})
	return found, err
}
