package audit

import (
	"cmp"
	"maps"
	"slices"
)

// Use is who did what, how often, and why, in a month.
type Use struct {
	Month   string // 2026-11
	Source  string
	User    string
	Purpose string
	Action  string
	Events  int64
	Failed  int64
	Lines   int64 // that were loaded
}

// Failure is how often something failed in a month, by the class of its error.
type Failure struct {
	Month    string
	Source   string
	Category string
	Events   int64
}

// Report sums up a trail by month.
type Report struct {
	Uses     []Use
	Failures []Failure
}

// Summarize reads a trail.
func Summarize(dir string) (Report, error) {
	type useKey struct{ month, source, user, purpose, action string }
	type failureKey struct{ month, source, category string }
	uses, failures := map[useKey]*Use{}, map[failureKey]*Failure{}
	err := Events(dir, func(e Event) error {
		month := e.Time.Format("2006-01")
		k := useKey{month, e.Source, e.Actor.User, e.Purpose, e.Action}
		u := uses[k]
		if u == nil {
			u = &Use{Month: month, Source: e.Source, User: e.Actor.User, Purpose: e.Purpose, Action: e.Action}
			uses[k] = u
		}
		u.Events++
		u.Lines += e.Counts["lines"]
		if e.Outcome == OK {
			return nil
		}
		u.Failed++
		fk := failureKey{month, e.Source, e.Category}
		if failures[fk] == nil {
			failures[fk] = &Failure{Month: month, Source: e.Source, Category: e.Category}
		}
		failures[fk].Events++
		return nil
	})
	var r Report
	for u := range maps.Values(uses) {
		r.Uses = append(r.Uses, *u)
	}
	for f := range maps.Values(failures) {
		r.Failures = append(r.Failures, *f)
	}
	slices.SortFunc(r.Uses, func(a, b Use) int {
		return cmp.Or(cmp.Compare(a.Month, b.Month), cmp.Compare(a.Source, b.Source), cmp.Compare(a.User, b.User), cmp.Compare(a.Purpose, b.Purpose), cmp.Compare(a.Action, b.Action))
	})
	slices.SortFunc(r.Failures, func(a, b Failure) int {
		return cmp.Or(cmp.Compare(a.Month, b.Month), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Category, b.Category))
	})
	return r, err
}
