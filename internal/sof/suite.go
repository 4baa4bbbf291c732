package sof

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/claimlake/claimlake/internal/durable"
)

// Report is the results of a folder of test files, by file name, in the format of the
// SQL on FHIR registry of implementations (test_report.json).
type Report map[string]FileReport

// FileReport is the results of one file.
type FileReport struct {
	Tests []TestReport `json:"tests"`
}

// TestReport is the result of one test.
type TestReport struct {
	Name   string `json:"name"`
	Result Result `json:"result"`
}

// Result tells whether a test passed.
type Result struct {
	Passed bool   `json:"passed"`
	Reason string `json:"reason,omitempty"` // of a failure
}

// Failed are the tests that failed, as "file: name: reason", and Total is their number
// with those that passed.
func (r Report) Failed() (failed []string, total int) {
	for file, f := range r {
		for _, t := range f.Tests {
			if total++; !t.Result.Passed {
				failed = append(failed, fmt.Sprintf("%s: %s: %s", file, t.Name, t.Result.Reason))
			}
		}
	}
	slices.Sort(failed)
	return failed, total
}

// suiteFile is a file of the SQL on FHIR test suite.
type suiteFile struct {
	Resources []json.RawMessage `json:"resources"`
	Tests     []suiteTest       `json:"tests"`
}

type suiteTest struct {
	Title         string           `json:"title"`
	View          json.RawMessage  `json:"view"`
	Expect        []map[string]any `json:"expect"`
	ExpectColumns []string         `json:"expectColumns"`
	ExpectError   bool             `json:"expectError"`
}

// RunSuite runs the tests of all JSON files in a folder: files of the SQL on FHIR test
// suite, or of the same form.
func RunSuite(dir string) (Report, error) {
	paths, err := durable.Glob(dir, "*.json")
	if err != nil {
		return nil, err
	}
	report := Report{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		var file suiteFile
		if err := json.Unmarshal(data, &file); err != nil {
			return nil, fmt.Errorf("%s is not a file of tests: %w", path, err)
		}
		var results FileReport
		for _, t := range file.Tests {
			results.Tests = append(results.Tests, TestReport{Name: t.Title, Result: t.run(file.Resources)})
		}
		report[filepath.Base(path)] = results
	}
	if len(report) == 0 {
		return nil, fmt.Errorf("%s has no JSON files", dir)
	}
	return report, nil
}

func (t suiteTest) run(resources []json.RawMessage) Result {
	columns, rows, err := runView(t.View, resources)
	switch {
	case t.ExpectError && err == nil:
		return Result{Reason: "an error is expected"}
	case t.ExpectError:
		return Result{Passed: true}
	case err != nil:
		return Result{Reason: err.Error()}
	case t.ExpectColumns != nil && !slices.Equal(t.ExpectColumns, columns):
		return Result{Reason: fmt.Sprintf("columns %s, want %s", strings.Join(columns, ", "), strings.Join(t.ExpectColumns, ", "))}
	}
	want, err := canonical(t.Expect)
	if err != nil {
		return Result{Reason: err.Error()}
	}
	if !slices.Equal(want, rows) {
		return Result{Reason: fmt.Sprintf("rows %s, want %s", rows, want)}
	}
	return Result{Passed: true}
}

// runView gives the names of the columns, and the rows in canonical form, sorted.
func runView(definition []byte, resources []json.RawMessage) (columns, rows []string, err error) {
	view, err := Parse(definition)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range view.Columns {
		columns = append(columns, c.Name)
	}
	var all []map[string]any
	reader := view.NewReader()
	for _, resource := range resources {
		err = errors.Join(err, reader.Rows(resource, func(row []Cell) error {
			var decoded map[string]any
			err := json.Unmarshal(view.AppendJSON(nil, row), &decoded)
			all = append(all, decoded)
			return err
		}))
	}
	if err != nil {
		return nil, nil, err
	}
	rows, err = canonical(all)
	return columns, rows, err
}

// canonical are rows as JSON with sorted keys, sorted.
func canonical(rows []map[string]any) ([]string, error) {
	var out []string
	for _, row := range rows {
		text, err := json.Marshal(row)
		if err != nil {
			return nil, err
		}
		out = append(out, string(text))
	}
	slices.Sort(out)
	return out, nil
}
