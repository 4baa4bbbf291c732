package config

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/claimlake/claimlake/internal/strictyaml"
)

// checkTypes checks the types that are asked for, and what is asked of them.
func checkTypes(e Export) (m []mistake) {
	seen := map[string]bool{}
	for i, name := range e.Types {
		key := fmt.Sprintf("export.types[%d]", i)
		switch {
		case !isResourceType(name):
			m = append(m, mistake{key, "no resource type of FHIR" + strictyaml.Nearest(name, resourceTypes)})
		case seen[name]:
			m = append(m, mistake{key, "is given twice"})
		}
		seen[name] = true
	}
	for i, filter := range e.TypeFilters {
		m = append(m, checkTypeFilter(fmt.Sprintf("export.type_filters[%d]", i), filter, e.Types)...)
	}
	for i, name := range e.Elements {
		key := fmt.Sprintf("export.elements[%d]", i)
		if typ, _, ok := strings.Cut(name, "."); ok && !isResourceType(typ) {
			m = append(m, mistake{key, "no resource type of FHIR" + strictyaml.Nearest(typ, resourceTypes)})
		}
	}
	if t := e.OrganizeOutputBy; t != "" && resourceType.MatchString(t) && !isResourceType(t) {
		m = append(m, mistake{"export.organize_output_by", "no resource type of FHIR" + strictyaml.Nearest(t, resourceTypes)})
	}
	if !e.Since.IsZero() && e.Since.After(time.Now()) {
		m = append(m, mistake{"export.since", "is in the future: nothing has changed since"})
	}
	if e.Group != "" && !groupID.MatchString(e.Group) {
		m = append(m, mistake{"export.group", "want the id of a Group alone, of letters, digits, - and ."})
	}
	return m
}

var groupID = regexp.MustCompile(`^[A-Za-z0-9._~-]{1,128}$`)

// checkTypeFilter checks a search such as Claim?status=active (Bulk Data, "_typeFilter").
// It never quotes values, which may name patients.
func checkTypeFilter(key, filter string, types []string) (m []mistake) {
	typ, search, ok := strings.Cut(filter, "?")
	query, err := url.ParseQuery(search)
	switch {
	case !ok || search == "" || err != nil || len(query) == 0:
		return []mistake{{key, "want a search, such as Claim?status=active"}}
	case !isResourceType(typ):
		m = append(m, mistake{key, "no resource type of FHIR" + strictyaml.Nearest(typ, resourceTypes)})
	case len(types) > 0 && !slices.Contains(types, typ):
		m = append(m, mistake{key, typ + " is not among export.types"})
	}
	for name, values := range query {
		if name == "" || slices.Contains(values, "") {
			m = append(m, mistake{key, "want a value for each parameter, such as Claim?status=active"})
		}
	}
	return m
}

// checkAddresses checks what is connected to, or listened on.
func checkAddresses(c Config) (m []mistake) {
	for key, text := range map[string]string{"source.auth.token_url": c.Source.Auth.TokenURL} {
		if text != "" && !isURL(text) {
			m = append(m, mistake{key, "want a URL, such as https://auth.example.org/token"})
		}
	}
	for key, text := range map[string]string{"warehouse.address": c.Warehouse.Address, "metrics.listen": c.Metrics.Listen} {
		if text == "" {
			continue
		}
		if host, port, err := net.SplitHostPort(text); err != nil || !isPort(port) || strings.ContainsAny(host, "/ @?#") {
			m = append(m, mistake{key, "want a host and a port, such as localhost:9000"})
		}
	}
	for i, scope := range c.Source.Auth.Scopes {
		if scope == "" || strings.ContainsAny(scope, " \t\n\"") {
			m = append(m, mistake{fmt.Sprintf("source.auth.scopes[%d]", i), "want one scope, such as system/Claim.rs"})
		}
	}
	return m
}

func isPort(text string) bool {
	_, err := strconv.ParseUint(text, 10, 16)
	return err == nil
}
