package synth

import (
	"maps"
	"testing"
	"time"

	"github.com/tidwall/gjson"
)

// server is what a FHIR server holds after some days: the current resources.
type server map[string]gjson.Result

// take applies a day and returns the explanations that were there before.
func (s server) take(f folder) (before server) {
	before = maps.Clone(s)
	for resourceType, lines := range f {
		for _, line := range lines {
			if resourceType == bundle {
				for _, url := range gjson.GetBytes(line, "entry.#.request.url").Array() {
					delete(s, url.String())
				}
				continue
			}
			r := gjson.ParseBytes(line)
			s[resourceType+"/"+r.Get("id").String()] = r
		}
	}
	return before
}

// Every day brings new claims and each kind of change, and each change is as a
// payer would make it.
func TestDaysAfterTheFirst(t *testing.T) {
	o := Options{Patients: 20, Seed: 8, Start: time.Date(2025, time.March, 1, 6, 0, 0, 0, time.UTC)}
	now := server{}
	now.take(write(t, o))
	seen := map[string]int{}
	for o.Day = 2; o.Day <= 5; o.Day++ {
		day := write(t, o)
		before := now.take(day)
		for _, line := range day["ExplanationOfBenefit"] {
			eob := gjson.ParseBytes(line)
			seen[classify(t, eob, before, now)]++
			fresh(t, eob, o)
		}
		for _, line := range day[bundle] {
			checkDeletes(t, gjson.ParseBytes(line), before, day, seen)
		}
	}
	for _, kind := range []string{"new", "updated", "more lines", "fewer lines", "cancelled", "replaced", "adjustment", "reversal", "duplicate", "deleted"} {
		if seen[kind] == 0 {
			t.Errorf("no %s in four days: %v", kind, seen)
		}
	}
}

// fresh checks that a change falls between the exports of two days.
func fresh(t *testing.T, eob gjson.Result, o Options) {
	t.Helper()
	until := o.Start.AddDate(0, 0, o.Day-1)
	since := until.AddDate(0, 0, -1)
	at, err := time.Parse(time.RFC3339, eob.Get("meta.lastUpdated").String())
	if err != nil || !at.After(since) || at.After(until) {
		t.Errorf("day %d: last updated %s, not after %s and until %s", o.Day, at, since, until)
	}
}

// classify says what became of an explanation and checks that it holds together.
func classify(t *testing.T, eob gjson.Result, before, now server) string {
	t.Helper()
	old, known := before["ExplanationOfBenefit/"+eob.Get("id").String()]
	relationship := eob.Get("related.0.relationship.coding.0.code").String()
	other := now[eob.Get("related.0.claim.reference").String()]
	if relationship != "" && group(other) != group(eob) {
		t.Errorf("%s is related to a claim of another group", eob.Get("id"))
	}
	switch {
	case relationship == "prior" && !known && eob.Get("payment.amount.value").Float() < 0:
		return "reversal"
	case relationship == "prior" && !known:
		return "adjustment"
	case relationship == "replacedby" && known && eob.Get("status").String() == "cancelled":
		return "replaced"
	case known && eob.Get("status").String() == "cancelled":
		if eob.Get("total").Raw != old.Get("total").Raw {
			t.Errorf("%s was paid differently and cancelled", eob.Get("id"))
		}
		return "cancelled"
	case known:
		return update(t, old, eob)
	case before.hasClaim(eob):
		return "duplicate"
	}
	return "new"
}

// hasClaim says whether the Claim of an explanation was there already.
func (s server) hasClaim(eob gjson.Result) bool {
	_, ok := s[eob.Get("claim.reference").String()]
	return ok
}

// group is the number that a bill and its adjustments share.
func group(r gjson.Result) string { return r.Get("identifier.1.value").String() }

func update(t *testing.T, old, eob gjson.Result) string {
	t.Helper()
	if eob.Get("meta.lastUpdated").String() <= old.Get("meta.lastUpdated").String() {
		t.Errorf("%s: update is not later", eob.Get("id"))
	}
	if eob.Get("patient").Raw != old.Get("patient").Raw || eob.Get("billablePeriod").Raw != old.Get("billablePeriod").Raw ||
		eob.Get("diagnosis").Raw != old.Get("diagnosis").Raw || eob.Get("careTeam").Raw != old.Get("careTeam").Raw {
		t.Errorf("%s: update tells of another service", eob.Get("id"))
	}
	switch was, is := old.Get("item.#").Int(), eob.Get("item.#").Int(); {
	case is > was:
		return "more lines"
	case is < was:
		return "fewer lines"
	}
	return "updated"
}

func checkDeletes(t *testing.T, b gjson.Result, before server, day folder, seen map[string]int) {
	t.Helper()
	if b.Get("type").String() != "transaction" {
		t.Errorf("bundle of type %s", b.Get("type"))
	}
	written := ids(day)
	for _, entry := range b.Get("entry").Array() {
		url := entry.Get("request.url").String()
		if _, ok := before[url]; !ok || entry.Get("request.method").String() != "DELETE" || written[url] {
			t.Errorf("wrong delete, or of what is not there or comes again: %s", entry.Raw)
		}
		seen["deleted"]++
	}
}

// A duplicate is the same bill under another id.
func TestDuplicateIsTheSameBill(t *testing.T) {
	o, err := Options{Patients: 3, Seed: 2}.check()
	if err != nil {
		t.Fatal(err)
	}
	p := newPopulation(o)
	k := historic(1, 0)
	first, again := p.claim(k, 1, 1), p.claim(k.as(duplicate), 1, 2)
	if first.eob == again.eob || first.submission != again.submission || first.group != again.group || first.total != again.total {
		t.Errorf("%s %s %s %v is not the bill %s %s %s %v", again.eob, again.submission, again.group, again.total, first.eob, first.submission, first.group, first.total)
	}
}
