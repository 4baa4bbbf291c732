package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/claimlake/claimlake/internal/config"
	"github.com/claimlake/claimlake/internal/pipeline"
	"github.com/claimlake/claimlake/internal/setup"
	"github.com/claimlake/claimlake/transform"
)

// scope is what a sync is about: what it asks, but since when, and in which form it
// comes. A watermark means something within its scope only.
type scope struct {
	server string // "" in the ledger of an older claimlake
	types  []string
	rest   string
}

var (
	scopeServer = regexp.MustCompile(` server=(\S+)`)
	scopeTypes  = regexp.MustCompile(` _type=(\S+)`)
	outOfScope  = regexp.MustCompile(` (_since|organizeOutputBy|allowPartialManifests|_outputFormat|_minimumFileSize|_maximumFileSize)=\S+`)
)

// scopeOf reads the scope of a request; see asked.
func scopeOf(request string) (s scope) {
	take := func(pattern *regexp.Regexp) string {
		found := pattern.FindStringSubmatch(request)
		if found == nil {
			return ""
		}
		request = strings.Replace(request, found[0], "", 1)
		return found[1]
	}
	s.server, s.types = take(scopeServer), strings.Split(take(scopeTypes), ",")
	s.rest = outOfScope.ReplaceAllString(request, "")
	return s
}

// within says why a sync of scope s cannot ask for what changed since one of scope last:
// "" where it can. elsewhere says that it is not about the same with more types.
func (s scope) within(last scope) (why string, elsewhere bool) {
	var added []string
	for _, t := range s.types {
		if !slices.Contains(last.types, t) {
			added = append(added, t)
		}
	}
	switch {
	case last.server != "" && s.server != last.server:
		return "the server is another", true
	case s.rest != last.rest:
		return "what is asked for is something else (level, group, patients, filters, elements or times)", true
	case len(added) > 0:
		return "types were added: " + strings.Join(added, ", "), false
	}
	return "", false
}

// moved says why a sync has to ask for everything, though there was one before: it is
// about something else, of which nothing was asked for so far; "" where it need not, or
// the configuration says since when. elsewhere is that of within.
func moved(cmd *cobra.Command, c config.Config, plan *transform.Plan) (why string, elsewhere bool, err error) {
	if !c.Export.Since.IsZero() {
		return "", false, nil
	}
	last, err := pipeline.LastRequest(cmd.Context(), c.Lake.Dir, c.Source.Name)
	if err != nil || last == "" {
		return "", false, err
	}
	leftOut, err := lastLeftOut(cmd.Context(), c)
	if err != nil {
		return "", false, err
	}
	before, now := scopeOf(last), setup.Export(c.Export, plan, noTime)
	before.types = slices.DeleteFunc(before.types, func(t string) bool { return slices.Contains(leftOut, t) })
	s := scopeOf(asked(c, now))
	if now.Narrow {
		whole := s.rest
		if s = scopeOf(asked(c, now.Without(leftOut))); before.rest == whole {
			s.rest = whole // the elements of types that are left out are no other scope
		}
	}
	why, elsewhere = s.within(before)
	if why != "" {
		why = everything(c, why)
	}
	return why, elsewhere, nil
}

// everything says that everything is asked for, and why.
func everything(c config.Config, why string) string {
	return fmt.Sprintf("everything is asked for, not only what changed since the last sync of %s: %s (export.since says otherwise)", c.Source.Name, why)
}
