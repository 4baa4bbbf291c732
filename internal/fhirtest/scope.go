package fhirtest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// scope is a SMART system scope: letters of "cruds" for a resource type or "*".
type scope struct {
	resource    string
	permissions string
	v1          bool // written as read, write or *
}

var scopeForm = regexp.MustCompile(`^system/([A-Z][A-Za-z]*|\*)\.(read|write|\*|c?r?u?d?s?)$`)

// parseScope reads a scope of SMART v1 or v2. One with a search query (v2) is not supported.
func parseScope(text string) (scope, error) {
	m := scopeForm.FindStringSubmatch(text)
	if m == nil || m[2] == "" {
		return scope{}, fmt.Errorf("scope %q is not of the form system/Type.rs or system/Type.read", text)
	}
	switch m[2] {
	case "read":
		return scope{m[1], "rs", true}, nil
	case "write":
		return scope{m[1], "cud", true}, nil
	case "*":
		return scope{m[1], "cruds", true}, nil
	}
	return scope{m[1], m[2], false}, nil
}

func (s scope) String() string {
	permissions := s.permissions
	if s.v1 {
		permissions = map[string]string{"rs": "read", "cud": "write", "cruds": "*"}[s.permissions]
	}
	return "system/" + s.resource + "." + permissions
}

type scopes []scope

func parseScopes(texts []string) (scopes, error) {
	var parsed scopes
	for _, text := range texts {
		s, err := parseScope(text)
		if err != nil {
			return nil, err
		}
		parsed = append(parsed, s)
	}
	return parsed, nil
}

// narrow returns what of wanted is within allowed, in the way wanted is written.
func (wanted scopes) narrow(allowed scopes) scopes {
	var granted scopes
	for _, w := range wanted {
		for _, a := range allowed {
			if s, ok := w.within(a); ok && !slices.Contains(granted, s) {
				granted = append(granted, s)
			}
		}
	}
	return granted
}

func (s scope) within(a scope) (scope, bool) {
	switch {
	case s.resource == "*":
		s.resource = a.resource
	case a.resource != "*" && a.resource != s.resource:
		return s, false
	}
	s.permissions = strings.Map(func(p rune) rune {
		if strings.ContainsRune(a.permissions, p) {
			return p
		}
		return -1
	}, s.permissions)
	s.v1 = s.v1 && (s.permissions == "rs" || s.permissions == "cud" || s.permissions == "cruds")
	return s, s.permissions != ""
}

// exports reports whether resources of the type may be read and searched, which $export needs.
func (granted scopes) exports(resourceType string) bool {
	return slices.ContainsFunc(granted, func(s scope) bool {
		return (s.resource == "*" || s.resource == resourceType) &&
			strings.Contains(s.permissions, "r") && strings.Contains(s.permissions, "s")
	})
}

func (granted scopes) String() string {
	texts := make([]string, len(granted))
	for i, s := range granted {
		texts[i] = s.String()
	}
	return strings.Join(texts, " ")
}
