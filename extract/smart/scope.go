package smart

import (
	"regexp"
	"slices"
	"strings"
)

// Scopes are what a backend service needs to read resource types: version 2
// ("system/Patient.rs") or 1 ("system/Patient.read"). No types means all.
func Scopes(types []string, v2 bool) []string {
	if len(types) == 0 {
		types = []string{"*"}
	}
	suffix := ".read"
	if v2 {
		suffix = ".rs"
	}
	var scopes []string
	for _, t := range types {
		scopes = append(scopes, "system/"+t+suffix)
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}

// scopeToken is what a scope may look like (RFC 6749 §3.3), of a length to print.
var scopeToken = regexp.MustCompile(`^[!#-\[\]-~]{1,200}$`)

// granted are the scopes in a server's answer that are any.
func granted(answer string) []string {
	var scopes []string
	for _, s := range strings.Fields(answer) {
		if scopeToken.MatchString(s) {
			scopes = append(scopes, s)
		}
	}
	return scopes
}

// notGranted are the scopes that were asked for and not granted. A server that
// does not say what it granted has granted all (RFC 6749 §5.1).
func notGranted(asked []string, granted string) []string {
	if strings.TrimSpace(granted) == "" {
		return nil
	}
	var missing []string
	for _, a := range asked {
		covered := func(g string) bool { return parseScope(g).covers(parseScope(a)) }
		if !slices.ContainsFunc(strings.Fields(granted), covered) {
			missing = append(missing, a)
		}
	}
	return missing
}

// notAsked are the granted scopes for resources that none of those asked for covers. A
// client that asks for no scope leaves them to the server.
func notAsked(asked, granted []string) []string {
	var beyond []string
	for _, text := range granted {
		g := parseScope(text)
		covered := func(a string) bool { return parseScope(a).covers(g) }
		if len(asked) > 0 && g.resource != "" && !slices.ContainsFunc(asked, covered) {
			beyond = append(beyond, text)
		}
	}
	return beyond
}

// scope is system/Type.rights?constraint in either version.
type scope struct{ context, resource, rights, constraint string }

func parseScope(s string) scope {
	var p scope
	p.context, p.resource, _ = strings.Cut(s, "/")
	p.resource, p.constraint, _ = strings.Cut(p.resource, "?")
	p.resource, p.rights, _ = strings.Cut(p.resource, ".")
	switch p.rights {
	case "read":
		p.rights = "rs"
	case "*":
		p.rights = "cruds"
	case "write":
		p.rights = "cud"
	}
	return p
}

// covers reports whether g grants all of a.
func (g scope) covers(a scope) bool {
	if g.context != a.context || g.resource != a.resource && g.resource != "*" {
		return false
	}
	for _, r := range a.rights {
		if !strings.ContainsRune(g.rights, r) {
			return false
		}
	}
	return g.constraint == "" || g.constraint == a.constraint
}
