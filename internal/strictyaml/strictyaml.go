// Package strictyaml reads the YAML files that people write for claimlake, so
// that each mistake in one is told with its line and column, and never with an
// excerpt of the file, which could hold a secret.
package strictyaml

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Doc is a document that was read, for asking where a key stands.
type Doc struct {
	path   string
	src    []byte
	parsed bool
}

// Parsed reports whether the document is YAML at all.
func (d Doc) Parsed() bool { return d.parsed }

// Read decodes src into v, a pointer to a struct. An unknown key, one that is given
// twice, and a value of the wrong type are errors of the form "path:line:column: text",
// all of them joined; an unknown key comes with the nearest one that is known. What is
// right is decoded also next to mistakes.
func Read(path string, src []byte, v any) (Doc, error) {
	doc := Doc{path: path, src: src}
	tree, err := parser.ParseBytes(src, 0, parser.AllowDuplicateMapKey()) // these are told with the others
	if err != nil {
		return doc, describe(path, err)
	}
	doc.parsed = true
	if len(tree.Docs) == 0 || tree.Docs[0].Body == nil {
		return doc, nil
	}
	body := tree.Docs[0].Body
	if refers(body) { // anchors are the decoder's
		if err := yaml.UnmarshalWithOptions(src, v, yaml.DisallowUnknownField()); err != nil {
			return doc, describe(path, err)
		}
		return doc, nil
	}
	d := decoder{path: path}
	d.value(body, v)
	return doc, errors.Join(d.problems...)
}

// refers reports whether a document has anchors, aliases or merge keys.
func refers(n ast.Node) bool {
	var f finder
	ast.Walk(&f, n)
	return f.found
}

type finder struct{ found bool }

// Visit implements ast.Visitor.
func (f *finder) Visit(n ast.Node) ast.Visitor {
	f.found = f.found || slices.Contains([]ast.NodeType{ast.AnchorType, ast.AliasType, ast.MergeKeyType}, n.Type())
	return f
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
// document again: few have mistakes.
func (d Doc) At(key string) string {
	tree, err := parser.ParseBytes(d.src, 0, parser.AllowDuplicateMapKey())
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
