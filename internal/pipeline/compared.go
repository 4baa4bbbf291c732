package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/claimlake/claimlake/internal/checks"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/table"
)

// ErrDiffer says that the lake and ClickHouse do not show the same. That is a fault of
// claimlake's, or of somebody who changed one of them.
var ErrDiffer = errors.New("the lake and ClickHouse do not show the same")

// wayOut is what to do where the stores differ.
const wayOut = ". Where claimlake lake verify finds the lake as it was written, give ClickHouse an empty database, and let claimlake warehouse fill load it from the lake"

// compare looks, once readers see the run, whether both stores show the same rows, and
// whether what the run brought refers to what is there. What it finds is added to the
// run's findings.
func (r *run) compare(ctx context.Context) error {
	differ, err := r.compareAll(ctx)
	if err != nil {
		r.options.Log.Warn("the run is complete, but could not be compared", "run", r.ID, "error", err)
		return nil
	}
	if len(differ) > 0 {
		return fmt.Errorf("%w: %s %s, and %d more; see claimlake runs %d%s", ErrDiffer, differ[0].Subject, differ[0].Text, len(differ)-1, r.Number, wayOut)
	}
	return nil
}

func (r *run) compareAll(ctx context.Context) (differ []ledger.Finding, err error) {
	others, err := r.newColumns()
	if err != nil {
		return nil, err
	}
	if r.options.Warehouse != nil {
		var more []ledger.Finding
		if differ, more, err = r.compareStores(ctx); err != nil {
			return nil, err
		}
		others = append(others, more...)
	}
	claims, err := r.checkClaims(ctx)
	if err != nil {
		return nil, err
	}
	others = append(others, claims...)
	before, err := r.ledger.Findings(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	if err := r.ledger.SetFindings(ctx, r.ID, slices.Concat(before, differ, others)); err != nil || r.options.Warehouse == nil {
		return differ, err
	}
	return differ, r.recordChecks(ctx)
}

// compareStores looks whether both stores show the same, and finds what refers to
// nothing.
func (r *run) compareStores(ctx context.Context) (differ, others []ledger.Finding, err error) {
	lack, err := r.lacking(ctx)
	if err != nil {
		return nil, nil, err
	}
	if len(lack) > 0 {
		return nil, r.lacks(lack), nil
	}
	if differ, err = r.differences(ctx); err == nil {
		others, err = r.orphans(ctx)
	}
	return differ, others, err
}

// newColumns finds the columns that came into the mappings after rows were loaded, which
// have nulls there, whatever their lines have.
func (r *run) newColumns() (found []ledger.Finding, err error) {
	if !r.older {
		return nil, nil
	}
	missing, err := r.parquet.MissingColumns(r.options.Plan.Schemas())
	for _, name := range slices.Sorted(maps.Keys(missing)) {
		columns := missing[name]
		f := ledger.Finding{Check: "new_column", Subject: name, Grade: checks.Warn, Found: float64(len(columns))}
		f.Text = fmt.Sprintf("rows that were loaded before are null in %s: claimlake reflatten, or sync --full, makes them anew", someOf(columns))
		found = append(found, f)
	}
	return found, err
}

// someOf names a few.
func someOf(names []string) string {
	const few = 3
	if len(names) <= few {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more columns", strings.Join(names[:few], ", "), len(names)-few)
}

// lacking finds the runs that readers of the lake see and those of ClickHouse do not, the
// oldest first: they were loaded without it, or into another database.
func (l *lake) lacking(ctx context.Context) (lack []ledger.Run, err error) {
	has, err := l.options.Warehouse.PromotedRuns(ctx)
	if err != nil {
		return nil, err
	}
	runs, err := l.ledger.Runs(ctx)
	for _, r := range slices.Backward(runs) {
		if r.State == ledger.Promoted && !has[r.ID] {
			lack = append(lack, r)
		}
	}
	return lack, err
}

// lacks says that ClickHouse shows a part only.
func (r *run) lacks(lack []ledger.Run) []ledger.Finding {
	text := fmt.Sprintf("ClickHouse shows a part of the lake: it lacks %d of its runs, the first of them run %d; claimlake warehouse fill loads them", len(lack), lack[0].Number)
	r.options.Log.Warn(text, "run", r.ID)
	return []ledger.Finding{{Check: "lake_is_warehouse", Grade: checks.Warn, Found: float64(len(lack)), Text: text}}
}

// differences compares the number of rows of each table, and of the main tables the
// hashes of the lines, which are all that a resource has.
func (l *lake) differences(ctx context.Context) (found []ledger.Finding, err error) {
	current, err := l.parquet.Current()
	if err != nil {
		return nil, err
	}
	rows := map[string]int64{}
	for _, c := range current {
		rows[c.Table] = c.Rows
	}
	var tables []table.Table
	for _, s := range l.options.Plan.Schemas() {
		t, err := table.Of(s)
		if err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	totals, err := l.options.Warehouse.Totals(ctx, tables)
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		there := totals[t.Name]
		f := ledger.Finding{Check: "lake_is_warehouse", Subject: t.Name, Grade: checks.Fail, Found: float64(there.Rows), Expected: float64(rows[t.Name])}
		if there.Rows != rows[t.Name] {
			f.Text = fmt.Sprintf("has %d rows in ClickHouse, %d in the lake", there.Rows, rows[t.Name])
			found = append(found, f)
			continue
		}
		if !t.IsRoot() || there.Rows == 0 {
			continue
		}
		sum, err := l.parquet.HashSum(t.Name)
		if err != nil {
			return nil, err
		}
		if sum != there.Hashes {
			f.Text = "has other lines in ClickHouse than in the lake"
			found = append(found, f)
		}
	}
	return found, nil
}

// reference is a column that refers to the key of a table.
type reference struct{ table, column, to string }

// references are those whose targets an analyst joins with.
var references = []reference{
	{"explanation_of_benefit", "patient_id", patientTable}, {"claim", "patient_id", patientTable}, {"coverage", "beneficiary_id", patientTable},
}

// orphans counts references of the run to what is not there.
func (r *run) orphans(ctx context.Context) (found []ledger.Finding, err error) {
	columns, keys := map[string]bool{}, map[string]string{}
	for _, s := range r.options.Plan.Schemas() {
		t, err := table.Of(s)
		if err != nil {
			return nil, err
		}
		for _, f := range s.Fields() {
			columns[t.Name+"."+f.Name] = true
		}
		keys[t.Name] = t.Key[0]
	}
	for _, ref := range references {
		if r.rows[ref.table] == 0 || !columns[ref.table+"."+ref.column] || keys[ref.to] == "" {
			continue
		}
		lost, all, err := r.options.Warehouse.Orphans(ctx, r.ID, ref.table, ref.column, ref.to, keys[ref.to])
		if err != nil {
			return nil, err
		}
		if lost > 0 {
			found = append(found, ledger.Finding{
				Check: "orphans", Subject: ref.table + "." + ref.column, Grade: checks.Warn, Found: float64(lost),
				Text: fmt.Sprintf("%d of %d rows refer to no row of %s", lost, all, ref.to),
			})
		}
	}
	return found, nil
}
