package duckdb_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/claimlake/claimlake/internal/duckdb"
	"github.com/claimlake/claimlake/schemas"
	"github.com/claimlake/claimlake/transform"
)

func models(t *testing.T) []duckdb.Model {
	t.Helper()
	mappings, err := schemas.Load("")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := transform.Compile(mappings)
	if err != nil {
		t.Fatal(err)
	}
	list, err := duckdb.Models("lake", plan.Schemas())
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Each model comes after those that it reads, and names everything that it reads by
// ref: a table by its own name is not there in the project's database.
func TestModelsReadOnlyModels(t *testing.T) {
	list := models(t)
	read := regexp.MustCompile(`\b(?:FROM|JOIN) (\w+)`)
	stage := regexp.MustCompile(`(?m)(\w+) AS \($`)
	known := []string{duckdb.Calendar}
	inputs := 0
	for _, m := range list {
		for _, r := range m.Reads {
			if !slices.Contains(known, r) {
				t.Errorf("%s reads %s, which does not come before it", m.Name, r)
			}
		}
		var stages []string
		for _, s := range stage.FindAllStringSubmatch(m.SQL, -1) {
			stages = append(stages, s[1])
		}
		for _, s := range read.FindAllStringSubmatch(m.SQL, -1) {
			if s[1] != "read_parquet" && !slices.Contains(stages, s[1]) && !regexp.MustCompile(`range|reach|links`).MatchString(s[1]) {
				t.Errorf("%s reads %s by its name", m.Name, s[1])
			}
		}
		known = append(known, m.Name)
		if m.Folder == "tuva_input" {
			inputs++
		}
	}
	if inputs != 14 {
		t.Errorf("%d tables of the input layer, want 14", inputs)
	}
}

// A project replaces the models of one written before, and nothing of another.
func TestWriteProjectKeepsOtherFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "it's new")
	mappings, err := schemas.Load("")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := transform.Compile(mappings)
	if err != nil {
		t.Fatal(err)
	}
	write := func() error { return duckdb.WriteProject(dir, "it's a lake", plan.Schemas()) }
	if err := write(); err != nil {
		t.Fatal(err)
	}
	stale := filepath.Join(dir, "models", "lake", "lake_gone.sql")
	if err := os.WriteFile(stale, []byte("SELECT 1"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := write(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(stale); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", stale, err)
	}
	project, err := os.ReadFile(filepath.Join(dir, "dbt_project.yml"))
	if err != nil || !strings.Contains(string(project), `it''s a lake'`) {
		t.Errorf("%v: %s", err, project)
	}
	if err := os.WriteFile(filepath.Join(dir, "dbt_project.yml"), []byte("name: other"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := write(); !errors.Is(err, duckdb.ErrOther) {
		t.Errorf("wrote into another project: %v", err)
	}
}
