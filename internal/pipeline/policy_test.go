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
// deleted, what is the same is known, in both stores; and another policy loads all anew.
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
