package config

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestExampleIsValidAndSaysTheDefaults(t *testing.T) {
	got, err := Parse("claimlake.yaml", []byte(Example))
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	if got.Lake != want.Lake || !reflect.DeepEqual(got.Warehouse, want.Warehouse) || got.Limits != want.Limits || got.Export.Level != want.Export.Level {
		t.Errorf("the example differs from the defaults:\n%+v\n%+v", got, want)
	}
}

func TestMistakesHaveTheirPlace(t *testing.T) {
	const source = "source: {name: payer, url: 'https://h/r4'}\n"
	for name, tc := range map[string]struct {
		src  string
		want []string
	}{
		"unknown key":            {source + "lake:\n  folder: x\n", []string{`c.yaml:3:3: unknown field "folder"`}},
		"wrong type":             {source + "limits:\n  workers: many\n", []string{"c.yaml:3:12: "}},
		"no source":              {"lake: {dir: x}\n", []string{"c.yaml:1:1: source.name", "c.yaml:1:1: source.url"}},
		"secret in the URL":      {"source:\n  name: p\n  url: https://u:p@h/r4\n", []string{"c.yaml:3:8: source.url: a URL with a user"}},
		"nothing but a source":   {source, nil},
		"all mistakes at once":   {"source:\n  name: p\n  url: nowhere\n  auth:\n    type: smrt\nexport:\n  level: all\n", []string{"c.yaml:3:8: source.url", "c.yaml:5:11: source.auth.type", "c.yaml:7:10: export.level"}},
		"a key that is missing":  {"source:\n  name: p\n  url: https://h\n  auth:\n    type: smart\n", []string{"source.auth.client_id: needed with type: smart", "source.auth.key_file"}},
		"not YAML":               {"source: [\n", []string{"c.yaml:"}},
		"a server needs address": {source + "warehouse: {mode: server}\n", []string{"c.yaml:2:", "warehouse.address"}},
		"rows in the clear":      {source + "warehouse: {mode: server, address: 'ch.example.org:9000'}\n", []string{"c.yaml:2:", "warehouse.secure: rows would go to another machine in the clear"}},
		"rows on this machine":   {source + "warehouse: {mode: server, address: '127.0.0.1:9000'}\n", nil},
		"rows by TLS":            {source + "warehouse: {mode: server, address: 'ch.example.org:9440', secure: true}\n", nil},
		"rows, all the same":     {source + "warehouse: {mode: server, address: 'ch.example.org:9000', tls: {allow_insecure_http: true}}\n", nil},
		"one pin of ClickHouse":  {source + "warehouse: {tls: {pin_sha256: [AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=]}}\n", []string{"warehouse.tls.pin_sha256: a single pin"}},
		"a bad stall deadline":   {source + "limits: {stall_deadline: -1h}\n", []string{"c.yaml:2:", "limits.stall_deadline"}},
		"a bad duration":         {source + "limits: {export_deadline: soon}\n", []string{"c.yaml:2:", "limits.export_deadline"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("c.yaml", []byte(tc.src))
			if (err != nil) != (tc.want != nil) || err != nil && !errors.Is(err, ErrInvalid) {
				t.Fatalf("error %v, want %q", err, tc.want)
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not say %q", err, want)
				}
			}
		})
	}
}

func TestSecretsNeverComeInErrors(t *testing.T) {
	_, err := Parse("c.yaml", []byte("source:\n  auth:\n    secret: hunter2hunter2\n"))
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error %v", err)
	}
}

func TestTimesAndDurations(t *testing.T) {
	c, err := Parse("c.yaml", []byte("source: {name: p, url: 'https://h'}\nexport: {since: 2026-01-02T03:04:05Z}\nlimits: {export_deadline: 90m}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if !c.Export.Since.Equal(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)) || c.Limits.ExportDeadline != "90m" {
		t.Errorf("got %+v", c)
	}
}

// The hash is of all values, also of lists in lists.
func TestHashTellsConfigurationsApart(t *testing.T) {
	seen := map[string]bool{}
	for _, text := range []string{"", "limits: {downloads: 5}", "policy: {columns: [{match: [a], action: drop}]}", "policy: {columns: [{match: [a], action: keep}]}", "export: {elements: from-mappings}", "export: {elements: [id]}", "source: {name: p, url: 'https://h', tls: {pin_sha256: [AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=, BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=]}}"} {
		if !strings.HasPrefix(text, "source") {
			text = "source: {name: p, url: 'https://h'}\n" + text
		}
		c, err := Parse("c.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		seen[c.Hash()] = true
	}
	if len(seen) != 7 {
		t.Errorf("%d hashes of 7 configurations", len(seen))
	}
}

// What everybody may write cannot say which programs are run.
func TestConfigurationThatEverybodyMayWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "claimlake.yaml")
	if err := os.WriteFile(path, []byte("source: {name: p, url: 'https://h'}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for mode, ok := range map[os.FileMode]bool{0o600: true, 0o644: true, 0o664: true, 0o666: false} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(path); (err == nil) != ok || err != nil && !strings.Contains(err.Error(), "chmod o-w") {
			t.Errorf("mode %o: %v", mode, err)
		}
	}
}
