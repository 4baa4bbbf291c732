package clickhouse

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/zeebo/xxh3"

	"github.com/claimlake/claimlake/internal/table"
)

// keeping is the views of a database of which some are kept: their rows are in a table
// with every version of each row, like those of tables, and become visible with the run
// whose promote computed them.
//
//	Promote ──▶ _touched patients ──▶ _reading resources ──view's SQL──▶ _kept_<view> ──▶ _promoted
//
// The table _kept says which runs the rows follow from. Only if these are all that readers
// see does the view read them; if not, such as in a database that an earlier claimlake
// made or loaded, the view is computed at every query, and the next promote fills its
// table whole.
type keeping struct {
	store   *Store
	catalog *catalog
	views   []View
	kept    []*keptView
}

// keptView is a view that is kept.
type keptView struct {
	View
	at      int // among the views
	stages  []View
	columns []columnDef
}

// Table has the rows.
func (k *keptView) Table() string { return keptTable(k.Name) }

func keptTable(view string) string { return keptPrefix + strings.TrimPrefix(view, "_") }

const keptPrefix = "_kept_"

// Columns are those of the view.
func (k *keptView) Columns() []columnDef { return k.columns }

// ColumnNames are their names.
func (k *keptView) ColumnNames() []string {
	out := make([]string, len(k.columns))
	for i, c := range k.columns {
		out[i] = c.Name
	}
	return out
}

// Identity is what rows are sorted by, and told apart by as well as they can be.
func (k *keptView) Identity() []string { return slices.Concat(k.Kept.Filters, k.Kept.Key) }

// SortKey is Identity with what tells rows apart that are equal in it.
func (k *keptView) SortKey() []string { return append(k.Identity(), "_copy") }

// index finds the parts of a table with a value.
type index struct{ Column, Type string }

// Indexes are those of the filters that rows are not sorted by.
func (k *keptView) Indexes() (all []index) {
	for _, f := range k.Kept.Filters[1:] {
		at := slices.IndexFunc(k.columns, func(c columnDef) bool { return c.Name == f })
		switch {
		case at < 0:
		case strings.Contains(k.columns[at].Type, "String"):
			all = append(all, index{f, "bloom_filter(0.01)"})
		default:
			all = append(all, index{f, "minmax"})
		}
	}
	return all
}

// make makes a view so that it is computed at every query, and an empty table for the rows
// if there is none of this definition.
func (k *keeping) make(ctx context.Context, i int) error {
	v, after := k.views[i], before(k.views, i)
	if v.Kept == nil {
		return k.catalog.define(ctx, v.Name, v.DDL(), after)
	}
	kv := &keptView{View: v, at: i}
	for _, s := range k.views[:i] {
		if s.isStageOf(v) {
			kv.stages = append(kv.stages, s)
		}
	}
	hash := xxh3.HashStringSeed(fmt.Sprintf("%s\n%+v\n%+v", v.SQL, *v.Kept, *v.Kept.Of), after)
	if len(k.catalog.order[v.Name]) > 0 && k.catalog.isMade(kv.Table(), hash) {
		for _, c := range k.catalog.order[v.Name] {
			kv.columns = append(kv.columns, columnDef{Name: c, Type: k.catalog.columns[v.Name][c].typ})
		}
		k.kept = append(k.kept, kv)
		return nil
	}
	if err := k.catalog.define(ctx, v.Name, v.DDL(), after); err != nil {
		return err
	}
	if err := k.makeTable(ctx, kv); err != nil {
		return err
	}
	k.catalog.note(kv.Table(), hash)
	k.kept = append(k.kept, kv)
	return nil
}

// makeTable makes the table for the rows of a view that is made.
func (k *keeping) makeTable(ctx context.Context, kv *keptView) error {
	var column columnDef
	err := k.store.each(ctx, fmt.Sprintf("SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = %s ORDER BY position", text(kv.Name)), func() {
		kv.columns = append(kv.columns, column)
	}, &column.Name, &column.Type)
	if err != nil {
		return fmt.Errorf("columns of %s: %w", kv.Name, terse(err))
	}
	if err := k.store.conn.Exec(ctx, "DROP TABLE IF EXISTS "+name(kv.Table())); err != nil {
		return fmt.Errorf("drop %s: %w", kv.Table(), terse(err))
	}
	return terse(k.store.apply(ctx, "kept_table.sql", kv))
}

// drop removes a view and its rows.
func (k *keeping) drop(ctx context.Context, v View) error {
	statements := []string{"DROP VIEW IF EXISTS " + name(v.Name)}
	if v.Kept != nil {
		statements = append(statements, "DROP TABLE IF EXISTS "+name(keptTable(v.Name)))
	}
	for _, sql := range statements {
		if err := k.store.conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("drop view %s: %w", v.Name, terse(err))
		}
	}
	return nil
}

// show makes each view read its rows if these are complete, and be computed if not.
func (k *keeping) show(ctx context.Context) error {
	lack, err := k.incomplete(ctx)
	if err != nil {
		return err
	}
	for _, kv := range k.kept {
		v := kv.View
		if !slices.Contains(lack, kv) {
			if v.SQL, err = render("kept_view.sql", kv); err != nil {
				return err
			}
		}
		if err := k.catalog.define(ctx, v.Name, v.DDL(), before(k.views, kv.at)); err != nil {
			return err
		}
	}
	return nil
}

// unkeep makes each view be computed at every query, and forgets the rows.
func (k *keeping) unkeep(ctx context.Context) error {
	for _, kv := range k.kept {
		if err := k.catalog.define(ctx, kv.Name, kv.DDL(), before(k.views, kv.at)); err != nil {
			return err
		}
	}
	for _, kv := range k.kept {
		if err := k.store.conn.Exec(ctx, "DROP TABLE IF EXISTS "+name(kv.Table())); err != nil {
			return fmt.Errorf("drop %s: %w", kv.Table(), terse(err))
		}
	}
	k.kept = nil
	return k.catalog.record(ctx)
}

// incomplete finds the views whose rows do not follow from all runs that readers see.
func (k *keeping) incomplete(ctx context.Context) (lack []*keptView, err error) {
	runs, err := k.store.promotedRuns(ctx)
	if err != nil {
		return nil, err
	}
	ids, err := k.tables(ctx)
	if err != nil {
		return nil, err
	}
	covered := map[uuid.UUID]map[RunName]bool{}
	var id uuid.UUID
	var run RunName
	err = k.store.each(ctx, "SELECT kept, run_number, run_id FROM _kept FINAL WHERE follows", func() {
		if covered[id] == nil {
			covered[id] = map[RunName]bool{}
		}
		covered[id][run] = true
	}, &id, &run.Number, &run.ID)
	if err != nil {
		return nil, fmt.Errorf("look for what is kept: %w", terse(err))
	}
	for _, kv := range k.kept {
		if slices.ContainsFunc(runs, func(r RunName) bool { return !covered[ids[kv.Table()]][r] }) {
			lack = append(lack, kv)
		}
	}
	return lack, nil
}

// tables gives the UUIDs of the tables with rows of views.
func (k *keeping) tables(ctx context.Context) (map[string]uuid.UUID, error) {
	ids := map[string]uuid.UUID{}
	var table string
	var id uuid.UUID
	err := k.store.each(ctx, fmt.Sprintf("SELECT name, uuid FROM system.tables WHERE database = currentDatabase() AND startsWith(name, %s)", text(keptPrefix)), func() { ids[table] = id }, &table, &id)
	if err != nil {
		return nil, fmt.Errorf("look for what is kept: %w", terse(err))
	}
	return ids, nil
}

// promotedRuns are the runs that readers see.
func (s *Store) promotedRuns(ctx context.Context) (runs []RunName, err error) {
	var run RunName
	err = s.each(ctx, "SELECT DISTINCT run_number, run_id FROM _promoted ORDER BY run_number", func() { runs = append(runs, run) }, &run.Number, &run.ID)
	if err != nil {
		return nil, fmt.Errorf("look up promoted runs: %w", terse(err))
	}
	return runs, nil
}

// keptTables are the tables with rows of views, whoever made them.
func (s *Store) keptTables(ctx context.Context) (names []string, err error) {
	var table string
	err = s.each(ctx, fmt.Sprintf("SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, %s) ORDER BY name", text(keptPrefix)), func() { names = append(names, table) }, &table)
	if err != nil {
		return nil, fmt.Errorf("look for what is kept: %w", terse(err))
	}
	return names, nil
}

// subject is a main table whose resources are of patients.
type subject struct {
	layout
	Patient string
}

// link is a column that refers to another subject.
type link struct {
	subject
	Column string
	To     subject
}

// subjectsOf are the subjects and links of patients that have tables.
func subjectsOf(p *table.Patients, layouts map[string]layout) (subjects []subject, links []link) {
	by := map[string]subject{}
	for _, s := range p.Subjects {
		if l, ok := layouts[s.Table]; ok && l.schema.HasField(s.Patient) {
			by[s.Table] = subject{layout: l, Patient: s.Patient}
			subjects = append(subjects, by[s.Table])
		}
	}
	for _, l := range p.Links {
		from, ok := by[l.Table]
		to, also := by[l.To]
		if ok && also && from.schema.HasField(l.Column) {
			links = append(links, link{subject: from, Column: l.Column, To: to})
		}
	}
	return subjects, links
}
