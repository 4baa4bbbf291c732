package fhirtest

import (
	"strings"
	"testing"
)

func TestScopesAreNarrowed(t *testing.T) {
	for name, tc := range map[string]struct{ wanted, allowed, want string }{
		"v1 within v2":              {"system/Patient.read", "system/*.rs", "system/Patient.read"},
		"v2 within v1":              {"system/Patient.rs", "system/*.read", "system/Patient.rs"},
		"all becomes what there is": {"system/*.read", "system/Patient.rs system/Claim.rs", "system/Patient.read system/Claim.read"},
		"another type is not there": {"system/Claim.read", "system/Patient.rs", ""},
		"no writing":                {"system/Patient.cruds", "system/Patient.rs", "system/Patient.rs"},
		"v1 all becomes read":       {"system/Patient.*", "system/Patient.rs", "system/Patient.read"},
		"only searching is left":    {"system/Patient.read", "system/Patient.s", "system/Patient.s"},
		"nothing of it":             {"system/Patient.write", "system/Patient.rs", ""},
		"the same twice comes once": {"system/Patient.rs system/Patient.rs", "system/*.rs", "system/Patient.rs"},
		"v1 and v2 may be mixed":    {"system/Patient.rs system/Claim.read", "system/*.cruds", "system/Patient.rs system/Claim.read"},
	} {
		t.Run(name, func(t *testing.T) {
			wanted, err := parseScopes(strings.Fields(tc.wanted))
			must(t, err)
			allowed, err := parseScopes(strings.Fields(tc.allowed))
			must(t, err)
			if got := wanted.narrow(allowed).String(); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestScopesOfOtherForms(t *testing.T) {
	for _, text := range []string{"patient/*.read", "system/Patient", "system/Patient.", "system/Patient.sr", "system/Patient.rs?status=active", "openid", ""} {
		if s, err := parseScope(text); err == nil {
			t.Errorf("%q was read as %v", text, s)
		}
	}
}
