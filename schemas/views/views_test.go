package views

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/schemas"
)

func TestBothDialectsHaveTheSameColumns(t *testing.T) {
	click, err := ClickHouse()
	if err != nil {
		t.Fatal(err)
	}
	duck, err := DuckDB()
	if err != nil {
		t.Fatal(err)
	}
	click = slices.DeleteFunc(click, View.Internal)
	for i, v := range click {
		if diff := cmp.Diff(v.Columns, duck[i].Columns); diff != "" || len(v.Columns) == 0 {
			t.Errorf("%s has %d columns: %s", v.Name, len(v.Columns), diff)
		}
		for _, sql := range []string{v.SQL, duck[i].SQL} {
			if strings.Contains(sql, "{{") || strings.Contains(sql, "<no value>") || strings.Contains(sql, " -- ") || strings.Contains(sql, ";") {
				t.Errorf("%s is not rendered: %s", v.Name, sql)
			}
		}
		for _, c := range v.Columns {
			if c.Description == "" || strings.Contains(c.Description, "%!") {
				t.Errorf("%s.%s is described as %q", v.Name, c.Name, c.Description)
			}
		}
	}
}

// Each view of the input layer has Tuva's columns, all of them and in Tuva's order.
func TestTuvaViewsHaveTuvasColumns(t *testing.T) {
	for name, d := range map[string]dialect{"ClickHouse": clickHouse, "DuckDB": duckDB} {
		tables, err := tuva(d)
		if err != nil {
			t.Fatal(err)
		}
		made := 0
		for _, table := range tables {
			if table.View == nil {
				continue
			}
			made++
			var want, got []string
			for _, c := range table.Columns {
				want = append(want, c.Name)
			}
			for _, c := range table.View.Columns {
				got = append(got, c.Name)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s: %s", name, table.Name, diff)
			}
		}
		if want := len(claimsOfTuva) + len(clinicalOfTuva); made != want || len(tables) < want {
			t.Errorf("%s: %d of %d views are in Tuva's list of %d tables", name, made, want, len(tables))
		}
	}
}

var readTable = regexp.MustCompile(`\b(?:FROM|JOIN)\s+(\w+)`)

// The rows of a kept view are computed for some patients alone: they must not follow from
// the present day, nor from what no subject or link leads to.
func TestKeptViewsFollowFromPatients(t *testing.T) {
	list, err := ClickHouse()
	if err != nil {
		t.Fatal(err)
	}
	tables, of := map[string]bool{}, map[string]View{}
	mappings, err := schemas.Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mappings {
		for _, table := range m.Tables {
			tables[table.Name] = true
		}
	}
	for _, v := range list {
		of[v.Name] = v
	}
	subject := func(name string) bool {
		return slices.ContainsFunc(patients.Subjects, func(s table.Subject) bool { return name == s.Table || strings.HasPrefix(name, s.Table+"_") })
	}
	var check func(kept string, v View)
	check = func(kept string, v View) {
		if strings.Contains(v.SQL, "today()") || strings.Contains(v.SQL, "now") {
			t.Errorf("%s, which is kept, follows from the present day in %s", kept, v.Name)
		}
		for _, m := range readTable.FindAllStringSubmatch(v.SQL, -1) {
			switch name := m[1]; {
			case tables[name] && !subject(name):
				t.Errorf("%s, which is kept, reads %s in %s: how does a change of it touch patients?", kept, name, v.Name)
			case of[name].SQL != "" && of[name].Kept == nil:
				if !strings.HasPrefix(name, "_"+kept+"_") {
					t.Errorf("%s, which is kept, reads %s, which is not", kept, name)
				}
				check(kept, of[name])
			}
		}
	}
	n := 0
	for _, v := range list {
		if v.Kept != nil {
			n++
			check(v.Name, v)
		}
	}
	if n != len(kept) {
		t.Errorf("%d of %d kept views are there", n, len(kept))
	}
}
