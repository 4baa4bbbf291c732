// Package strictyaml reads the YAML files that people write for claimlake, so
// that each mistake in one is told with its line and column, and never with an
// excerpt of the file, which could hold a secret.
package strictyaml

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
)

// Doc is a document that was read, for asking where a key stands.
type Doc struct {
	path string
	src  []byte
}

// Read decodes src into v. An unknown key or a value of the wrong type is an
// error of the form "path:line:column: text".
func Read(path string, src []byte, v any) (Doc, error) {
	if err := yaml.UnmarshalWithOptions(src, v, yaml.DisallowUnknownField()); err != nil {
		return Doc{}, describe(path, err)
	}
	return Doc{path: path, src: src}, nil
}

func describe(path string, err error) error {
	located, ok := errors.AsType[yaml.Error](err)
	if !ok || located.GetToken() == nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	at := located.GetToken().Position
	return fmt.Errorf("%s:%d:%d: %s", path, at.Line, at.Column, located.GetMessage())
}

// At gives "path:line:column" of a key such as source.auth.type or
// tables[0].columns[3], or of the nearest key above it that is there. It reads the
// document anew: few have mistakes.
func (d Doc) At(key string) string {
	tree, err := parser.ParseBytes(d.src, 0)
	if err != nil {
		key = "" // cannot be: it was read before
	}
	for key != "" {
		if p, err := yaml.PathString("$." + key); err == nil {
			if node, err := p.FilterFile(tree); err == nil && node != nil {
				at := node.GetToken().Position
				return fmt.Sprintf("%s:%d:%d", d.path, at.Line, at.Column)
			}
		}
		key = key[:max(strings.LastIndexAny(key, ".["), 0)]
	}
	return d.path + ":1:1"
}
