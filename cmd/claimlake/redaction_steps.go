package main

import (
	"path/filepath"

	"github.com/claimlake/claimlake/internal/leak"
)

// watched is a command that the check of redaction looks at.
type watched struct {
	args  []string
	shows bool // its standard output is there to show patients' data
	fails bool // also where nothing is wrong
}

// watchedMapping is the user's, for the commands that check one.
const watchedMapping = `resource: Patient
tables:
  - name: patient
    description: One row per patient.
    key: id
    columns:
      - {name: id, path: id, type: id, description: Logical id}
      - {name: birth_date, path: birthDate, type: date, description: Date of birth}
`

// watchedView is a ViewDefinition that fails on each patient, and that is a file of tests
// without any.
const watchedView = `{"resourceType": "ViewDefinition", "resource": "Patient", "status": "active",
  "select": [{"column": [{"name": "id", "path": "id", "type": "integer"}]}]}`

// preparing makes the keys, of which the server gets one.
func (c *redactionCheck) preparing() []watched {
	return []watched{
		{args: []string{"keys", "generate", "--out", c.key("client.pem")}},
		{args: []string{"keys", "check", c.key("client.pem")}},
		{args: []string{"keys", "jwks", c.key("client.pem")}},
		{args: []string{"seal", "keygen", "--out", c.key("seal.json")}},
		{args: []string{"policy", "keygen", "--out", c.key("policy")}},
		{args: []string{"config", "init", filepath.Join(c.dir, "example.yaml")}},
	}
}

// loading is what meets the server.
func (c *redactionCheck) loading() []watched {
	return []watched{
		{args: c.configured("source", "check")},
		{args: c.configured("sync", "--dry-run")},
		{args: c.configured("sync", "--report", filepath.Join(c.dir, "report.md")), fails: true}, // too many lines are rejected
		{args: c.configured("resume", "--report", filepath.Join(c.dir, "report.json")), fails: true},
		{args: c.configured("cancel")},
		{args: c.ofLake("runs")},
		{args: c.ofLake("quarantine", "list")},
		{args: c.ofLake("audit", "export")},
	}
}

// accepting has readers see a sync, although it was held back.
func (c *redactionCheck) accepting() []watched {
	return []watched{
		{args: c.configured("sync"), fails: true},
		{args: c.configured("promote", "--accept", "2", "--reason", "it is known")},
		{args: c.ofLake("quarantine", "list", "2")},
	}
}

// looking is what may be done with the lake afterwards.
func (c *redactionCheck) looking() []watched {
	patient := leak.Mark + "001"
	list := []watched{
		{args: []string{"version"}},
		{args: []string{"config", "check", c.config}},
		{args: c.configured("policy", "check")},
		{args: c.configured("flatten", c.data)},
		{args: c.configured("flatten", "--parquet-only", c.key("policy")), fails: true},
		{args: c.ofLake("runs", "2")},
		{args: c.ofLake("quarantine", "list", "2", "--values")},
		{args: c.configured("quarantine", "show", "2", c.brokenFile(), "1"), shows: true},
		{args: c.configured("quarantine", "replay", "2", "--dry-run")},
		{args: c.configured("quarantine", "replay", "2")},
		{args: c.ofLake("lake", "verify")},
		{args: c.configured("trace", "patient", patient), shows: true},
		{args: c.configured("trace", "patient", patient, "--raw"), shows: true},
		{args: c.configured("trace", "claim", "nobody"), fails: true},
		{args: c.configured("reflatten", "--dry-run")},
		{args: c.configured("reflatten")},
		{args: c.configured("export", "--to", filepath.Join(c.dir, "exported"))},
		{args: []string{"coverage", c.data}},
		{args: []string{"schema"}},
		{args: []string{"schema", "check", c.mapping, "--input", c.data}},
		{args: []string{"schema", "test", c.mapping, "--input", c.data}, shows: true},
		{args: []string{"schema", "views", "--duckdb", c.lake}},
		{args: []string{"view", "run", c.view, "--input", c.data}},
		{args: []string{"view", "test", filepath.Dir(c.view)}},
		{args: c.configured("schema", "migrate", "--parquet-only", "--rebuild", filepath.Join(c.dir, "lake2"))},
		{args: c.ofLake("hooks", "list")},
		{args: c.configured("hooks", "deliver"), fails: true},
		{args: c.configured("seal", "rotate", c.key("seal.json"))},
		{args: c.configured("seal", "rewrap", "--forget")},
		{args: c.ofLake("audit", "verify")},
		{args: c.ofLake("audit", "report")},
		{args: c.ofLake("audit", "export", "--format", "fhir")},
		{args: c.configured("audit", "prune")},
		{args: c.ofLake("audit", "restart", "--reason", "nothing is wrong"), fails: true},
	}
	if c.engine {
		list = append([]watched{
			{args: c.configured("flatten", "--parquet-only", c.data)},
			{args: c.configured("warehouse", "fill")},
		}, list...)
		list = append(list,
			watched{args: c.configured("query", "SELECT id, family_name FROM patient WHERE id = '"+patient+"'"), shows: true},
			watched{args: c.configured("query", "SELECT toInt64(id) FROM patient"), fails: true},
		)
	}
	return list
}

// asking is what may be asked of an engine that is served, by a configuration.
func (c *redactionCheck) asking(config string) []watched {
	ask := func(sql string) []string { return []string{"query", sql, "--config", config} }
	return []watched{
		{args: ask("SELECT id FROM patient"), shows: true},
		{args: ask("SELECT toInt64(id) FROM patient"), fails: true},
		{args: ask("SELECT throwIf(id != '', id) FROM patient"), fails: true},
		{args: ask("SELECT nothing FROM patient WHERE id = '" + leak.Mark + "001'"), fails: true},
	}
}

// configured is a command with the configuration.
func (c *redactionCheck) configured(args ...string) []string {
	return append(args, "--config", c.config)
}

// ofLake is a command of the lake's, which needs no configuration.
func (c *redactionCheck) ofLake(args ...string) []string { return append(args, "--lake", c.lake) }
