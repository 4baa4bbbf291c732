package views

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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
