package config

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// All mistakes of a file are told at once, in its order, whatever their kind.
func TestAllMistakesAtOnce(t *testing.T) {
	src := `sorce: {}
source:
  name: p
  url: nowhere
  nane: q
export:
  types: [Patientt, Claim, Claim, Zzz]
  since: yesterday
  until: 7
  type_filters: ['Claim', 'Cliam?a=b', 'Coverage?status=active', 'Claim?status=']
  level: group
  group: 'Group/1 '
  lenient: perhaps
  level: system
limits: {workers: many, downlods: 4}
metrics: {listen: everywhere}
checks: 5
on_promote: [{name: a, ulr: x}, {name: a, url: 'https://h'}]
`
	want := []string{
		`1:1: unknown field "sorce": did you mean source?`,
		"4:8: source.url: want the FHIR base URL",
		`5:3: unknown field "nane": did you mean name?`,
		"7:11: export.types[0]: no resource type of FHIR: did you mean Patient?",
		"7:28: export.types[2]: is given twice",
		"7:35: export.types[3]: no resource type of FHIR",
		"8:10: want a time, such as 2026-01-31T00:00:00Z",
		"9:10: want a time",
		"10:18: export.type_filters[0]: want a search",
		"10:27: export.type_filters[1]: no resource type of FHIR: did you mean Claim?",
		"10:40: export.type_filters[2]: Coverage is not among export.types",
		"10:66: export.type_filters[3]: want a value",
		"12:10: export.group: want the id of a Group alone",
		"13:12: ",
		"14:3: level is given twice",
		"15:19: ",
		`15:25: unknown field "downlods": did you mean downloads?`,
		"16:19: metrics.listen: want a host and a port",
		"17:9: want keys with values, such as max_rejected",
		"18:21: on_promote[0].name: give a url or a command",
		`18:24: unknown field "ulr": did you mean url?`,
		"18:40: on_promote[1].name: want a name of its own",
	}
	_, err := Parse("c.yaml", []byte(src))
	if err == nil {
		t.Fatal("no mistake")
	}
	got := strings.Split(err.Error(), "\n")[1:]
	for i, line := range got {
		if i >= len(want) || !strings.HasPrefix(line, "c.yaml:"+want[i]) {
			t.Errorf("%d: %s, want %s", i, line, append(want, "nothing", "nothing")[min(i, len(want))])
		}
	}
	if len(got) < len(want) {
		t.Errorf("%d mistakes, want %d", len(got), len(want))
	}
}

func TestValuesThatCanBeChecked(t *testing.T) {
	future := time.Now().AddDate(1, 0, 0).Format(time.RFC3339)
	for name, tc := range map[string]struct{ src, want string }{
		"a time in the future":       {"export: {since: " + future + "}", "export.since: is in the future"},
		"a date":                     {"export: {since: 2024-01-31}", ""},
		"an instant with an offset":  {"export: {since: 2024-01-31T10:00:00+02:00}", ""},
		"a type that only R5 has":    {"export: {types: [InventoryItem, ImagingSelection]}", ""},
		"a type that only STU3 has":  {"export: {types: [EligibilityRequest]}", ""},
		"a lower case type":          {"export: {types: [patient]}", "did you mean Patient?"},
		"elements of no type":        {"export: {elements: [Cliam.item]}", "did you mean Claim?"},
		"files of no type":           {"export: {organize_output_by: Patiemt}", "did you mean Patient?"},
		"a filter with several":      {"export: {type_filters: ['Claim?status=active&use=claim']}", ""},
		"a filter that hides one":    {"export: {type_filters: ['Claim?%zz']}", "want a search"},
		"a token URL that is none":   {"source: {name: p, url: 'https://h', auth: {token_url: here}}", "source.auth.token_url: want a URL"},
		"a scope that is two":        {"source: {name: p, url: 'https://h', auth: {scopes: ['a b']}}", "source.auth.scopes[0]: want one scope"},
		"an address without a port":  {"warehouse: {mode: server, address: host}", "warehouse.address: want a host and a port"},
		"an address with a bad port": {"warehouse: {mode: server, secure: true, address: 'host:99999'}", "warehouse.address: want a host and a port"},
		"anchors":                    {"limits: &l {downloads: 4}\nexport: {types: &t [Claim]}", ""},
		"a section without anything": {"export:\nlimits:\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			src := tc.src
			if !strings.Contains(src, "source:") {
				src = "source: {name: p, url: 'https://h'}\n" + src
			}
			_, err := Parse("c.yaml", []byte(src+"\n"))
			if (err != nil) != (tc.want != "") || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
}

// The files that a configuration names are looked at, and secrets must be the owner's.
func TestFilesOfAConfiguration(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("has other permissions")
	}
	dir := t.TempDir()
	file := func(name string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("SECRET"), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	private, public := file("private", 0o600), file("public", 0o644)
	for name, tc := range map[string]struct{ src, want string }{
		"a key of the owner's":            {"auth: {type: smart, client_id: c, key_file: " + private + "}", ""},
		"a key that others may read":      {"auth: {type: smart, client_id: c, key_file: " + public + "}", "c.yaml:4:47: source.auth.key_file: others may read or change " + public + ", and it holds a secret: chmod 600"},
		"a key that is not there":         {"auth: {type: smart, client_id: c, key_file: " + dir + "/none}", "source.auth.key_file: there is no " + dir + "/none"},
		"a secret that is a folder":       {"auth: {type: basic, client_id: c, secret_file: " + dir + "}", "source.auth.secret_file: " + dir + " is a folder"},
		"certificates for everybody":      {"tls: {ca_file: " + public + "}", ""},
		"certificates that are not there": {"tls: {ca_file: " + dir + "/ca}", "source.tls.ca_file: there is no"},
		"together with other mistakes":    {"tls: {ca_file: " + dir + "/ca, ca_fiel: x}", `unknown field "ca_fiel": did you mean ca_file?`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(dir)
			if err := os.WriteFile("c.yaml", []byte("source:\n  name: p\n  url: https://h\n  "+tc.src+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			err := CheckFiles("c.yaml")
			if (err != nil) != (tc.want != "") || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
			if strings.Contains(name, "together") && !strings.Contains(err.Error(), "there is no") {
				t.Errorf("not all: %v", err)
			}
		})
	}
}
