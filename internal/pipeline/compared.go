package pipeline

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/claimlake/claimlake/internal/checks"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/lineage"
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
	lost, err := r.orphans()
	if err != nil {
		return nil, err
	}
	others = append(others, lost...)
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

// compareStores looks whether both stores show the same, or why they cannot be compared.
func (r *run) compareStores(ctx context.Context) (differ, others []ledger.Finding, err error) {
	lack, err := r.lacking(ctx)
	if err != nil {
		return nil, nil, err
	}
	if len(lack) > 0 {
		return nil, r.lacks(lack), nil
	}
	differ, err = r.differences(ctx, amountsAndDates)
	return differ, nil, err
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
		f.Text = fmt.Sprintf("rows that were loaded before are null in %s: claimlake reflatten, or sync --full, fills them", someOf(columns))
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

// differences compares the number of rows of each table, and of those columns that are
// wanted the checksums.
func (l *lake) differences(ctx context.Context, wanted func(arrow.Field) bool) (found []ledger.Finding, err error) {
	current, err := l.parquet.Current()
	if err != nil {
		return nil, err
	}
	rows := map[string]int64{}
	for _, c := range current {
		rows[c.Table] = c.Rows
	}
	var tables []table.Table
	schemas := map[string]*arrow.Schema{}
	for _, s := range l.options.Plan.Schemas() {
		t, err := table.Of(s)
		if err != nil {
			return nil, err
		}
		tables = append(tables, t)
		schemas[t.Name] = some(s, wanted)
	}
	totals, err := l.options.Warehouse.Totals(ctx, tables)
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		there := totals[t.Name]
		f := ledger.Finding{Check: "lake_is_warehouse", Subject: t.Name, Grade: checks.Fail, Found: float64(there), Expected: float64(rows[t.Name])}
		switch {
		case there != rows[t.Name]:
			f.Text = fmt.Sprintf("has %d rows in ClickHouse, %d in the lake", there, rows[t.Name])
		case there > 0:
			if f.Text, err = l.differ(ctx, t.Name, schemas[t.Name]); err != nil {
				return nil, err
			}
		}
		if f.Text != "" {
			found = append(found, f)
		}
	}
	return found, nil
}

// differ says in which columns of a schema the two stores differ; "" for none.
func (l *lake) differ(ctx context.Context, name string, s *arrow.Schema) (string, error) {
	here, err := l.parquet.Checksums(ctx, name, s)
	if err != nil {
		return "", err
	}
	there, err := l.options.Warehouse.Checksums(ctx, name, s)
	if err != nil {
		return "", err
	}
	var columns []string
	for _, f := range s.Fields() {
		if here.Columns[f.Name] != there.Columns[f.Name] {
			columns = append(columns, f.Name)
		}
	}
	switch {
	case here.Rows != there.Rows:
		return fmt.Sprintf("has %d rows in ClickHouse, %d in the lake", there.Rows, here.Rows), nil
	case slices.Contains(columns, lineage.Hash):
		return "has other lines in ClickHouse than in the lake", nil
	case len(columns) > 0:
		return "has other values in ClickHouse than in the lake: " + someOf(columns), nil
	}
	return "", nil
}

// everyColumn wants all columns compared.
func everyColumn(arrow.Field) bool { return true }

// amountsAndDates wants those compared after each run in which a change matters most and
// costs least to find.
func amountsAndDates(f arrow.Field) bool {
	return f.Type.ID() == arrow.DECIMAL128 || f.Type.ID() == arrow.DATE32 || f.Type.ID() == arrow.TIMESTAMP && table.ColumnPath(f) != ""
}

// some is the schema of those columns that are wanted, and the hash of each row's line.
func some(s *arrow.Schema, wanted func(arrow.Field) bool) *arrow.Schema {
	fields := slices.DeleteFunc(s.Fields(), func(f arrow.Field) bool { return f.Name != lineage.Hash && !wanted(f) })
	return arrow.NewSchema(fields, nil)
}

// reference is a column that refers to the key of a table.
type reference struct{ table, column, to string }

// references are those whose targets an analyst joins with.
var references = []reference{
	{"explanation_of_benefit", "patient_id", patientTable}, {"claim", "patient_id", patientTable}, {"coverage", "beneficiary_id", patientTable},
}

// orphans counts references of the run to what is not there: among them a urn:uuid, which
// is taken for an id although it need not be one.
func (r *run) orphans() (found []ledger.Finding, err error) {
	columns, tables := map[string]bool{}, map[string]bool{}
	for _, s := range r.options.Plan.Schemas() {
		t, err := table.Of(s)
		if err != nil {
			return nil, err
		}
		for _, f := range s.Fields() {
			columns[t.Name+"."+f.Name] = true
		}
		tables[t.Name] = true
	}
	for _, ref := range references {
		if r.rows[ref.table] == 0 || !columns[ref.table+"."+ref.column] || !tables[ref.to] {
			continue
		}
		lost, all, err := r.parquet.Orphans(r.ID, ref.table, ref.column, ref.to)
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
