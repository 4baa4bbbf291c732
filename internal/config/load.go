package config

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/claimlake/claimlake/internal/strictyaml"
)

// ErrInvalid says that a configuration has mistakes; the error lists them all.
var ErrInvalid = errors.New("configuration is not valid")

// Load reads and checks the file at path. The error names every mistake as
// "file:line:column: …" and wraps ErrInvalid.
func Load(path string) (Config, error) {
	src, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return Config{}, fmt.Errorf("%w: there is no %s; make one with: claimlake config init", ErrInvalid, path)
	}
	if err != nil {
		return Config{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if st, err := os.Stat(path); err == nil && st.Mode().IsRegular() && st.Mode().Perm()&0o002 != 0 {
		return Config{}, fmt.Errorf("%w: everybody may write %s, and it says which programs are run and where rows go: chmod o-w %s", ErrInvalid, path, path)
	}
	return Parse(path, src)
}

// Parse checks the configuration in src; path is for its errors.
func Parse(path string, src []byte) (Config, error) {
	c := defaults(src)
	doc, err := strictyaml.Read(path, src, &c)
	if err != nil {
		return Config{}, fmt.Errorf("%w:\n%w", ErrInvalid, err)
	}
	var lines []string
	for _, m := range check(c) {
		lines = append(lines, fmt.Sprintf("%s: %s: %s", doc.At(m.key), m.key, m.text))
	}
	if len(lines) > 0 {
		return Config{}, fmt.Errorf("%w:\n%s", ErrInvalid, strings.Join(lines, "\n"))
	}
	return c, nil
}
