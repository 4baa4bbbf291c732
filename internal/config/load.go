package config

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
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
	return Parse(path, src)
}

// Parse checks the configuration in src; path is for its errors.
func Parse(path string, src []byte) (Config, error) {
	c := Default()
	if err := yaml.UnmarshalWithOptions(src, &c, yaml.DisallowUnknownField()); err != nil {
		return Config{}, fmt.Errorf("%w:\n%s", ErrInvalid, describe(path, err))
	}
	tree, err := parser.ParseBytes(src, 0)
	if err != nil {
		return Config{}, fmt.Errorf("%w:\n%s", ErrInvalid, describe(path, err))
	}
	var lines []string
	for _, m := range check(c) {
		lines = append(lines, fmt.Sprintf("%s:%s: %s: %s", path, position(tree, m.key), m.key, m.text))
	}
	if len(lines) > 0 {
		return Config{}, fmt.Errorf("%w:\n%s", ErrInvalid, strings.Join(lines, "\n"))
	}
	return c, nil
}

// describe turns an error of the YAML library into file:line:column: text,
// without the excerpt of the file, which could hold a secret someone inlined.
func describe(path string, err error) string {
	var located yaml.Error
	if !errors.As(err, &located) || located.GetToken() == nil {
		return fmt.Sprintf("%s: %v", path, err)
	}
	at := located.GetToken().Position
	return fmt.Sprintf("%s:%d:%d: %s", path, at.Line, at.Column, located.GetMessage())
}

// position finds line:column of a key such as source.auth.type, or of the
// nearest key above it that is there.
func position(tree *ast.File, key string) string {
	for key != "" {
		if p, err := yaml.PathString("$." + key); err == nil {
			if node, err := p.FilterFile(tree); err == nil && node != nil {
				at := node.GetToken().Position
				return fmt.Sprintf("%d:%d", at.Line, at.Column)
			}
		}
		key = key[:max(strings.LastIndexByte(key, '.'), 0)]
	}
	return "1:1"
}
