package duckdb

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/claimlake/claimlake/internal/durable"
	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/schemas/views"
)

// ErrOther reports a folder that is not one that WriteProject wrote.
var ErrOther = errors.New("the folder has other files: name a new or empty one, or a project that claimlake wrote")

// Model is a model of the dbt project: a table of the lake, a view for analysts or a
// table of Tuva's input layer. SQL is a SELECT; what it reads is named in Reads, and
// written in SQL as dbt's {{ ref('name') }}.
type Model struct {
	Name, Folder, Description string
	Columns                   []views.Column
	SQL                       string
	Reads                     []string
	NoRows                    string // of a table of the lake: the SELECT that stands for it while it has no files
}

// Folders of the models, which are also their schemas in the database.
const (
	ofLake   = "lake"
	ofClaims = "claims"
	ofTuva   = "tuva_input"
)

// prefix tells the lake's tables from the input layer's, some of which have their names.
const prefix = "lake_"

// Models gives what Tuva's input layer needs of a lake whose folder is a SQL text of
// DuckDB or a dbt expression, each after those that it reads.
func Models(lake string, schemas []*arrow.Schema) ([]Model, error) {
	var known []Model
	for _, s := range schemas {
		t, err := table.Of(s)
		if err != nil {
			return nil, err
		}
		m := Model{Name: prefix + t.Name, Folder: ofLake, Description: t.Description, SQL: tableFrom(lake+"/current/"+t.Name, s), NoRows: noRows(s)}
		for _, f := range s.Fields() {
			m.Columns = append(m.Columns, views.Column{Name: f.Name, Description: table.ColumnDescription(f)})
		}
		known = append(known, m)
	}
	tables, err := views.Tuva()
	if err != nil {
		return nil, err
	}
	list, err := views.DuckDB()
	if err != nil {
		return nil, err
	}
	for _, v := range list {
		if slices.ContainsFunc(tables, func(t views.TuvaTable) bool { return t.Name == v.Name }) {
			continue
		}
		known = append(known, model(v, ofClaims, v.SQL, known))
	}
	inputs := len(known)
	for _, t := range tables {
		known = append(known, input(t, known[:inputs]))
	}
	return needed(known), nil
}

// input is a table of the input layer, whose columns have Tuva's types. One that
// claimlake has nothing for is empty.
func input(t views.TuvaTable, known []Model) Model {
	v := views.View{Name: t.Name, Description: "The Tuva Project's input layer: empty, since no mapping fills it."}
	var casts []string
	for _, c := range t.Columns {
		value := "NULL"
		if t.View != nil {
			value = fmt.Sprintf(`v."%s"`, c.Name)
		}
		if c.Name == "enrollment_start_date" {
			value = fmt.Sprintf("greatest(%s, (SELECT min(full_date) FROM {{ ref('%s') }}))", value, Calendar)
		}
		casts = append(casts, fmt.Sprintf(`CAST(%s AS %s) AS "%s"`, value, tuvaTypes[c.Type], c.Name))
		v.Columns = append(v.Columns, views.Column{Name: c.Name, Description: "always null"})
	}
	sql := "SELECT\n    " + strings.Join(casts, ",\n    ")
	if t.View == nil {
		return model(v, ofTuva, sql+"\nWHERE false", known)
	}
	return model(*t.View, ofTuva, sql+"\nFROM (\n"+t.View.SQL+"\n) AS v", known)
}

// Calendar is Tuva's seed of days. Tuva takes a day that is not in it for none, and a
// coverage without its first day for no member months: one from before begins with it.
const Calendar = "reference_data__calendar"

// tuvaTypes are the types of DuckDB for those of the input layer. Amounts and
// quantities stay exact: Tuva casts them to numeric(28,6). Its tests of column types,
// which compare names without precision, warn of them.
var tuvaTypes = map[string]string{
	"varchar": "VARCHAR", "integer": "INTEGER", "date": "DATE", "timestamp": "TIMESTAMP", "double": "DOUBLE",
	"amount": "DECIMAL(18, 4)", "quantity": "DECIMAL(38, 12)",
}

var reading = regexp.MustCompile(`\b(FROM|JOIN) (\w+)( AS \w+)?`)

// model is a view whose SQL names what it reads as dbt does.
func model(v views.View, folder, sql string, known []Model) Model {
	m := Model{Name: v.Name, Folder: folder, Description: v.Description, Columns: v.Columns}
	m.SQL = reading.ReplaceAllStringFunc(sql, func(s string) string {
		part := reading.FindStringSubmatch(s)
		i := slices.IndexFunc(known, func(k Model) bool {
			return k.Name == prefix+part[2] && k.Folder == ofLake || k.Name == part[2] && k.Folder == ofClaims
		})
		if i < 0 {
			return s // a common table expression
		}
		as := part[3]
		if as == "" {
			as = " AS " + part[2]
		}
		m.Reads = append(m.Reads, known[i].Name)
		return fmt.Sprintf("%s {{ ref('%s') }}%s", part[1], known[i].Name, as)
	})
	return m
}

// needed are the input layer's models and those that they read, in turn.
func needed(known []Model) []Model {
	need := map[string]bool{}
	for _, m := range slices.Backward(known) {
		if m.Folder == ofTuva || need[m.Name] {
			need[m.Name] = true
			for _, r := range m.Reads {
				need[r] = true
			}
		}
	}
	return slices.DeleteFunc(known, func(m Model) bool { return !need[m.Name] })
}

//go:embed all:project
var projectFiles embed.FS

// marker begins the dbt_project.yml of a project that claimlake wrote.
const marker = "# Written by claimlake schema views --tuva"

// WriteProject writes a dbt project into dir, which is new, empty or a project written
// before, whose models it replaces. It reads the lake's Parquet files when dbt runs, by
// the absolute path in the variable lake.
func WriteProject(dir, lake string, schemas []*arrow.Schema) error {
	if err := checkOurs(dir); err != nil {
		return err
	}
	lake, err := filepath.Abs(lake)
	if err != nil {
		return err
	}
	models, err := Models(`{{ var("lake") | replace("'", "''") }}`, schemas)
	if err != nil {
		return err
	}
	if err := durable.RemoveAll(filepath.Join(dir, "models")); err != nil {
		return err
	}
	if err := writeStatic(dir, filepath.ToSlash(lake)); err != nil {
		return err
	}
	for _, m := range models {
		if err := write(filepath.Join(dir, "models", m.Folder, m.Name+".sql"), m.source()); err != nil {
			return err
		}
	}
	return write(filepath.Join(dir, "models", "models.yml"), descriptions(models))
}

// source is the model as dbt reads it.
func (m Model) source() string {
	if m.NoRows == "" {
		return m.SQL + "\n"
	}
	return fmt.Sprintf("{%% if has_files('%s') %%}\n%s\n{%% else %%}\n%s\n{%% endif %%}\n", strings.TrimPrefix(m.Name, prefix), m.SQL, m.NoRows)
}

func checkOurs(dir string) error {
	project, err := os.ReadFile(filepath.Join(dir, "dbt_project.yml")) //nolint:gosec // the user's folder
	if err == nil && bytes.HasPrefix(project, []byte(marker)) {
		return nil
	}
	files, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && len(files) > 0 {
		return fmt.Errorf("%s: %w", dir, ErrOther)
	}
	return err
}

// writeStatic writes what does not depend on the models.
func writeStatic(dir, lake string) error {
	return fs.WalkDir(projectFiles, "project", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := projectFiles.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel("project", path)
		if err != nil {
			return err
		}
		t, err := template.New(name).Delims("<<", ">>").Funcs(template.FuncMap{"yaml": yamlText}).Parse(string(content))
		if err != nil {
			return err
		}
		var b strings.Builder
		if err := t.Execute(&b, map[string]string{"marker": marker, "lake": lake}); err != nil {
			return err
		}
		return write(filepath.Join(dir, name), b.String())
	})
}

// descriptions are the models and their columns as dbt's documentation has them. dbt
// renders descriptions, so that a brace is none of Jinja's.
func descriptions(models []Model) string {
	var b strings.Builder
	b.WriteString("version: 2\nmodels:\n")
	for _, m := range models {
		fmt.Fprintf(&b, "  - name: %s\n    description: %s\n    columns:\n", m.Name, yamlText(m.Description))
		for _, c := range m.Columns {
			fmt.Fprintf(&b, "      - {name: %s, quote: true, description: %s}\n", c.Name, yamlText(c.Description))
		}
	}
	return b.String()
}

func yamlText(s string) string {
	return "'" + strings.NewReplacer("'", "''", "{{", "{ {", "{%", "{ %").Replace(s) + "'"
}

func write(path, content string) error {
	if err := durable.MkdirAll(filepath.Dir(path)); err != nil {
		return err
	}
	return durable.Write(path, []byte(content))
}
