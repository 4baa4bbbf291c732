package pipeline

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/claimlake/claimlake/internal/policy"
	"github.com/claimlake/claimlake/transform"
)

// underPolicy lets a policy change the rows of a run.
func underPolicy(t *testing.T, o Options, s policy.Spec) Options {
	t.Helper()
	return underPolicyOf(t, o, mapping, s)
}

// labelled is mapping with the labels of claims and the codes of their lines.
var labelled = strings.NewReplacer(
	"      - {name: total,", "      - {name: security_codes, path: \"meta.security.#.code\", type: list(code), description: Labels}\n      - {name: total,",
	"      - {name: net,", "      - {name: code, path: code, type: code, description: Code}\n      - {name: net,",
).Replace(mapping)

// underPolicyOf is underPolicy with another mapping of claims.
func underPolicyOf(t *testing.T, o Options, mapping string, s policy.Spec) Options {
	t.Helper()
	key := []byte("0123456789abcdef")
	m, err := transform.ParseMapping("claim.yaml", []byte(mapping))
	if err != nil {
		t.Fatal(err)
	}
	m.Under(s.Hash(key))
	if o.Plan, err = transform.Compile([]*transform.Mapping{m}); err != nil {
		t.Fatal(err)
	}
	if o.Policy, err = policy.Compile(s, key, o.Plan.Schemas()); err != nil {
		t.Fatal(err)
	}
	return o
}

// Pseudonyms are ids like others: what is sent again replaces, what is not sent is
// deleted, what is the same is known, in both stores; and another policy loads all again.
func TestPseudonymsAreIDs(t *testing.T) {
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	w := warehouse(t, lake)
	spec := policy.Spec{Rules: []policy.Rule{{Match: []string{"claim.id", "claim_item.claim_id"}, Action: policy.Pseudonymise}}}
	o := underPolicy(t, options(t, lake, w), spec)
	o.Kind, o.Full, o.AcceptAbsent = "sync", true, true
	s := &server{}
	load := func(lines ...string) Report {
		t.Helper()
		s.content = strings.Join(lines, "\n") + "\n"
		r, err := Run(t.Context(), o, s)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	check := func(step string, nets ...string) {
		t.Helper()
		got := items(t, lake)
		if !slices.Equal(got, w.stored(t)) {
			t.Errorf("%s: %v in the lake, %v in ClickHouse", step, got, w.stored(t))
		}
		for i, row := range got {
			id, net, _ := strings.Cut(row, "|")
			if len(id) != 32 {
				t.Errorf("%s: id %s", step, id)
			}
			got[i] = net
		}
		slices.Sort(got)
		if !slices.Equal(got, nets) {
			t.Errorf("%s: %v, want %v", step, got, nets)
		}
	}
	load(claimLine("1", monday, "1"), claimLine("2", monday, "2"), claimLine("3", monday, "3"))
	check("first", "1|1.0000", "1|2.0000", "1|3.0000")
	if r := load(claimLine("1", monday, "1"), claimLine("2", "2031-05-01T00:00:00Z", "4")); r.Counts.Unchanged != 1 {
		t.Errorf("%+v", r.Counts)
	}
	check("a change and a silent deletion", "1|1.0000", "1|4.0000")
	spec.Rules = append(spec.Rules, policy.Rule{Match: []string{"claim_item.net"}, Action: policy.Drop})
	o = underPolicy(t, o, spec)
	load(claimLine("1", monday, "1"), claimLine("2", "2031-05-01T00:00:00Z", "4"))
	check("another policy", "1|NULL", "1|NULL")
}

// A resource that becomes sensitive goes, with its rows, from both stores; one that was
// never loaded leaves nothing; and it comes back when it is no longer sensitive.
func TestSensitiveResourcesGo(t *testing.T) {
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	w := warehouse(t, lake)
	o := underPolicyOf(t, options(t, lake, w), labelled, policy.Spec{Labels: []string{"R"}})
	claim := func(id, day string, label string) string {
		return strings.Replace(claimLine(id, "2031-01-"+day+"T00:00:00Z", day), `"meta":{`, `"meta":{"security":[{"code":"`+label+`"}],`, 1)
	}
	for _, step := range []struct {
		lines []string
		want  []string
	}{
		{[]string{claim("1", "01", "N"), claim("2", "02", "R"), claim("3", "03", "N")}, []string{"1|1|1.0000", "3|1|3.0000"}},
		{[]string{claim("1", "04", "R")}, []string{"3|1|3.0000"}},
		{[]string{claim("1", "04", "R"), claim("3", "03", "N")}, []string{"3|1|3.0000"}},
		{[]string{claim("1", "05", "N")}, []string{"1|1|5.0000", "3|1|3.0000"}},
	} {
		for i, line := range step.lines { // 01 is no JSON number
			step.lines[i] = strings.Replace(line, `"value":0`, `"value":`, 1)
		}
		if _, err := flatten(t, o, write(t, filepath.Join(dir, "in.ndjson"), step.lines...)); err != nil {
			t.Fatal(err)
		}
		if got := items(t, lake); !slices.Equal(got, step.want) || !slices.Equal(w.stored(t), step.want) {
			t.Errorf("%v in the lake, %v in ClickHouse, want %v", got, w.stored(t), step.want)
		}
		if n := w.rows(t, "SELECT count() FROM claim"); n[0] != w.rows(t, "SELECT count(DISTINCT claim_id) FROM claim_item")[0] {
			t.Errorf("%s claims", n)
		}
	}
	if n := o.Policy.Excluded(); n != 3 {
		t.Errorf("%d are left out", n)
	}
}

// Claims with a listed code in any line are labelled and stay whole; another list
// labels all again, also claims that did not change.
func TestFlaggedResourcesStay(t *testing.T) {
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	w := warehouse(t, lake)
	in := write(t, filepath.Join(dir, "in.ndjson"),
		strings.Replace(claimLine("1", monday, "1", "2"), `{"net":{"value":2}`, `{"code":"F11","net":{"value":2}`, 1),
		strings.Replace(claimLine("2", monday, "3"), `"meta":{`, `"meta":{"security":[{"code":"N"}],`, 1),
		strings.Replace(claimLine("3", monday, "4"), `{"net"`, `{"code":"F20","net"`, 1))
	for _, step := range []struct {
		flags  []policy.Flag
		want   []string
		labels int64
	}{
		{[]policy.Flag{{Label: "SUD", Codes: []string{"F11"}}}, []string{`1|['SUD']`, `2|['N']`, "3|[]"}, 1},
		{[]policy.Flag{{Label: "SUD", Codes: []string{"F11"}}, {Label: "PSY", Codes: []string{"F20"}}}, []string{`1|['SUD']`, `2|['N']`, `3|['PSY']`}, 2},
		{[]policy.Flag{{Label: "PSY", Codes: []string{"F20"}}}, []string{"1|[]", `2|['N']`, `3|['PSY']`}, 1},
	} {
		o := underPolicyOf(t, options(t, lake, w), labelled, policy.Spec{Flags: step.flags})
		if _, err := flatten(t, o, in); err != nil {
			t.Fatal(err)
		}
		if got := w.rows(t, "SELECT id, toString(security_codes) FROM claim"); !slices.Equal(got, step.want) {
			t.Errorf("labels %q, want %q", got, step.want)
		}
		if got, want := w.stored(t), []string{"1|1|1.0000", "1|2|2.0000", "2|1|3.0000", "3|1|4.0000"}; !slices.Equal(got, want) || !slices.Equal(items(t, lake), want) {
			t.Errorf("%v in ClickHouse, %v in the lake, want %v", got, items(t, lake), want)
		}
		if n := o.Policy.Flagged(); n != step.labels {
			t.Errorf("%d are labelled", n)
		}
	}
}
