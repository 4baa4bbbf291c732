package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// complete is what a user has to say in addition to the profile.
const complete = `source:
  name: payer
  url: https://fhir.example.org/r4
  profile: %profile%
  auth: {client_id: c, key_file: k.pem, secret_file: s}
export: {group: g%export%}
`

func read(t *testing.T, profile, export string) Config {
	t.Helper()
	src := strings.NewReplacer("%profile%", profile, "%export%", export).Replace(complete)
	if level := Default(); profiles[profile] != nil {
		if profiles[profile](&level); level.Export.Level != "group" && export == "" {
			src = strings.Replace(src, "export: {group: g}\n", "", 1)
		}
	}
	c, err := Parse("c.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestProfilesAreDefaults(t *testing.T) {
	for name, profile := range profiles {
		t.Run(name, func(t *testing.T) {
			want := Default()
			profile(&want)
			if cmp.Equal(want, Default()) {
				t.Fatal("the profile changes nothing")
			}
			got := read(t, name, "")
			want.Source.Name, want.Source.URL, want.Source.Profile = "payer", "https://fhir.example.org/r4", name
			want.Source.Auth.ClientID, want.Source.Auth.KeyFile, want.Source.Auth.SecretFile = "c", "k.pem", "s"
			want.Export.Group = got.Export.Group
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatTheFileSaysWins(t *testing.T) {
	c := read(t, "bcda", ", level: group, types: [Patient], method: auto")
	if c.Export.Level != "group" || len(c.Export.Types) != 1 || c.Export.Method != "auto" || c.Source.Auth.Type != "basic" {
		t.Errorf("got %+v", c)
	}
}

func TestAProfileThatNobodyKnows(t *testing.T) {
	_, err := Parse("c.yaml", []byte("source:\n  name: p\n  url: https://h\n  profile: fhirbox\n"))
	if err == nil || !strings.Contains(err.Error(), "c.yaml:4:12: source.profile: want one of ab2d, bcda, dpc") {
		t.Errorf("error %v", err)
	}
}

func TestServersAreDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "servers.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, sections, _ := strings.Cut(string(text), "\n## ")
	documented := map[string]string{}
	for _, section := range strings.Split(sections, "\n## ") {
		name, rest, _ := strings.Cut(section, "\n")
		documented[name] = rest
	}
	if len(documented) != len(profiles) {
		t.Errorf("%d servers are documented, %d are known", len(documented), len(profiles))
	}
	for name, profile := range profiles {
		c, d := Default(), Default()
		profile(&c)
		for key, v := range map[string][2]string{
			"auth.type: ":       {c.Source.Auth.Type, d.Source.Auth.Type},
			"scopes: [":         {strings.Join(c.Source.Auth.Scopes, ", "), ""},
			"level: ":           {c.Export.Level, d.Export.Level},
			"types: [":          {strings.Join(c.Export.Types, ", "), ""},
			"method: ":          {c.Export.Method, d.Export.Method},
			"export_deadline: ": {c.Limits.ExportDeadline, d.Limits.ExportDeadline},
			"stall_deadline: ":  {c.Limits.StallDeadline, d.Limits.StallDeadline},
		} {
			if v[0] != v[1] && !strings.Contains(documented[name], key+v[0]) {
				t.Errorf("docs/servers.md does not say %s%s of %s", key, v[0], name)
			}
		}
	}
}
