package config

import (
	"slices"
	"strings"
	"testing"
)

func TestExportParameters(t *testing.T) {
	for name, tc := range map[string]struct {
		section, line string
		want          string // "" for valid
	}{
		"patients of a group":               {"export", "{level: group, group: all, patients: [1001, Patient/a-2]}", ""},
		"patients of the whole system":      {"export", "patients: [a]", "c.yaml:3:13: export.patients: goes with level"},
		"patients by GET":                   {"export", "{level: patient, patients: [a], method: get}", "export.method: patients can be named by post only"},
		"a patient that is no id":           {"export", "{level: patient, patients: [a, 'Jane Doe']}", "export.patients[1]: want the id"},
		"a method that HTTP has not":        {"export", "method: fetch", "c.yaml:3:11: export.method: want one of auto, get, post"},
		"elements that the mappings take":   {"export", "elements: from-mappings", ""},
		"elements by name":                  {"export", "elements: [item, Claim.item]", ""},
		"an element inside another":         {"export", "elements: [item, Claim.item.detail]", "c.yaml:3:20: export.elements[1]: want an element of the root"},
		"both ways of choosing elements":    {"export", "elements: [from-mappings, item]", "export.elements[0]: from-mappings stands alone"},
		"a parameter of this server":        {"export", "custom: [{name: _x, value: '1'}]", ""},
		"a custom parameter that has a key": {"export", "custom: [{name: _type, value: Claim}]", "export.custom[0].name: has a key of its own: export.types"},
		"a custom parameter without name":   {"export", "custom: [{value: '1'}]", "export.custom[0].name: want the name"},
		"files organized by patient":        {"export", "organize_output_by: Patient", ""},
		"files organized by no type":        {"export", "organize_output_by: patients", "export.organize_output_by: want a resource type"},
		"files of a size":                   {"export", "{minimum_file_size: 1000, maximum_file_size: 2000, allow_partial_manifests: true, output_format: ndjson}", ""},
		"files of no size":                  {"export", "{minimum_file_size: 1000, maximum_file_size: 20}", "export.maximum_file_size: want bytes"},
		"a format that is not read":         {"export", "output_format: application/fhir+json", "export.output_format: claimlake reads"},
		"what is published, in part":        {"export", "{mode: publish, elements: [item], level: patient}", "export.elements: what is published"},
		"a search of a group":               {"export", "{mode: search, level: group, group: g}", "export.level: a search has no such thing"},
		"checks that hold nothing back":     {"checks", "{max_rejected: 0, max_drop: 1, second_attempt: 30m}", ""},
		"a share that is none":              {"checks", "max_drop: 50", "checks.max_drop: want a share"},
		"a server that counts too many":     {"checks", "max_short: 0.02", ""},
		"more than all":                     {"checks", "max_short: 2", "checks.max_short: want a share"},
		"a skew of clocks":                  {"checks", "clock_skew: 30s", ""},
		"a skew that is no time":            {"checks", "clock_skew: some", "checks.clock_skew: want a time"},
		"a skew of a week":                  {"checks", "clock_skew: 168h", "checks.clock_skew: want a time"},
		"another attempt at no time":        {"checks", "second_attempt: soon", "checks.second_attempt: want never"},
		"a trail that is kept too short":    {"audit", "{keep_years: 5, purpose: payment}", "audit.keep_years: want 6 or more"},
		"a key set in two places":           {"seal", "{key_file: a, key_env: B}", "seal.key_env: give key_file or key_env"},
		"hooks":                             {"on_promote", "[{name: a, url: 'https://h/x', secret_env: S}, {name: b, command: [/bin/x]}]", ""},
		"hooks of one name":                 {"on_promote", "[{name: a, url: 'https://h/x'}, {name: a, command: [/bin/x]}]", "on_promote[1].name: want a name of its own"},
		"a hook that does nothing":          {"on_promote", "[{name: a}]", "give a url or a command"},
		"a hook that is no URL":             {"on_promote", "[{name: a, url: nowhere}]", "on_promote[0].url: want a URL"},
		"a bad idle timeout":                {"limits", "idle_timeout: soon", "c.yaml:3:17: limits.idle_timeout"},
		"no retries at all":                 {"limits", "file_retries: 0", "c.yaml:3:17: limits.file_retries: want 1 or more"},
		"requests below nothing":            {"limits", "requests_per_second: -1", "limits.requests_per_second"},
		"half a request a second":           {"limits", "requests_per_second: 0.5", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("c.yaml", []byte("source: {name: p, url: 'https://h'}\n"+tc.section+":\n  "+tc.line+"\n"))
			if (err != nil) != (tc.want != "") || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
			if err != nil && strings.Contains(err.Error(), "Jane") {
				t.Error("a patient is quoted")
			}
		})
	}
}

func TestTrustedHosts(t *testing.T) {
	for host, ok := range map[string]bool{"files.example.org": true, "files.example.org:8443": true, "https://files.example.org": false, "files.example.org/x": false, "": false} {
		_, err := Parse("c.yaml", []byte("source: {name: p, url: 'https://h', trusted_hosts: ['"+host+"']}\n"))
		if (err == nil) != ok {
			t.Errorf("%s: %v", host, err)
		}
	}
}

// All of the example is valid but what excludes one another: two places of each
// secret, a group and patients at the level of the system, and full syncs of a part.
func TestCommentedLinesOfTheExampleAreValid(t *testing.T) {
	var lines []string
	for _, line := range strings.Split(Example, "\n") {
		if before, after, ok := strings.Cut(line, "# "); ok && strings.TrimSpace(before) == "" && strings.ContainsAny(after, ":[") || ok && strings.HasPrefix(strings.TrimSpace(after), "- ") {
			line = before + after
		}
		lines = append(lines, line)
	}
	_, err := Parse("c.yaml", []byte(strings.Join(slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "claimlake.yaml") || strings.HasPrefix(l, "Check it") }), "\n")))
	if err == nil || strings.Count(err.Error(), "\n") != 6 {
		t.Errorf("error %v", err)
	}
}
