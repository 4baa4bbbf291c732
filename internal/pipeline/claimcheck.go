package pipeline

import (
	"context"
	"slices"

	"github.com/claimlake/claimlake/internal/checks"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/load/clickhouse"
)

// claimTables are those that the view claim_finding reads.
var claimTables = []string{"explanation_of_benefit", "coverage", patientTable}

// checkClaims looks, once readers see a run that brought claims, coverages or patients,
// whether the claims of its source add up, and whether their members are covered.
func (r *run) checkClaims(ctx context.Context) (found []ledger.Finding, err error) {
	if len(r.options.Views) == 0 || !slices.ContainsFunc(claimTables, func(t string) bool { return r.rows[t] > 0 }) {
		return nil, nil
	}
	var list []checks.Finding
	if why := r.uncheckable(); why != "" {
		list = append(list, checks.ClaimsUnchecked(why))
	} else {
		var counts []checks.Of
		err = r.options.Warehouse.ClaimFindings(ctx, r.Source, func(finding string, n, of int64) {
			counts = append(counts, checks.Of{Name: finding, Found: n, Looked: of})
		})
		list = checks.Claims(counts, r.options.Checks.MaxUnbalanced)
	}
	for _, f := range list {
		found = append(found, ledger.Finding(f))
	}
	return found, err
}

// uncheckable says why claims cannot be checked, or nothing.
func (r *run) uncheckable() string {
	switch {
	case r.options.Warehouse == nil:
		return "the run has no ClickHouse"
	case r.unfit[clickhouse.ClaimFindings] != nil:
		return "the mappings do not give what the view " + clickhouse.ClaimFindings + " reads"
	default:
		return ""
	}
}
