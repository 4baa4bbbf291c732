package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/claimlake/claimlake/extract"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/load/clickhouse"
	"github.com/claimlake/claimlake/load/parquet"
)

// ErrCheck says that a run does not add up, and so was not shown to readers.
var ErrCheck = errors.New("the run does not add up")

// check compares what was read with what was stored.
func (r *run) check(ctx context.Context) error {
	if len(r.failed) > 0 {
		return fmt.Errorf("%w: %d of %d files failed:\n%w", ErrIncomplete, len(r.failed), len(r.batch.Files), errors.Join(r.failed...))
	}
	files, err := r.ledger.Files(ctx, r.ID)
	if err != nil {
		return err
	}
	var sum ledger.Counts
	for _, f := range files {
		if !f.Deletes {
			sum.Add(f.Counts)
		}
		if f.State != ledger.Done {
			return fmt.Errorf("%w: %s is %s", ErrCheck, f.Name, f.State)
		}
		if n := f.Landed + f.Unchanged + f.Unmapped + f.Rejected; n != f.Lines {
			return fmt.Errorf("%w: %s has %d lines, of which %d are accounted for", ErrCheck, f.Name, f.Lines, n)
		}
	}
	if sum.Lines > 0 && sum.Rejected == sum.Lines && r.Kind != ledger.Replay {
		return fmt.Errorf("%w: not one of %d lines could be used; NDJSON has one resource a line (jq -c makes it)", extract.ErrNotNDJSON, sum.Lines)
	}
	return r.grade(ctx, files)
}

// promote shows the run to readers: in ClickHouse, in the lake, and then in the
// ledger. Each step may be done again, so that a promote which was interrupted
// anywhere is completed by another one.
func (r *run) promote(ctx context.Context) error {
	r.options.Observer.Step("showing the run to readers")
	recorded, err := r.ledger.Parts(ctx, r.ID)
	if err != nil {
		return err
	}
	var parts []parquet.Part
	for _, p := range recorded {
		parts = append(parts, parquet.Part(p))
	}
	if err := r.options.step("promote in ClickHouse"); err != nil {
		return err
	}
	if r.partition != nil {
		if err := r.promoteWarehouse(ctx); err != nil {
			return err
		}
	}
	if err := r.options.step("promote in the lake"); err != nil {
		return err
	}
	if err := r.promoteLake(ctx, parts); err != nil {
		return err
	}
	if err := r.options.step("promote in the ledger"); err != nil {
		return err
	}
	if err := noteTrail(ctx, r.ledger, r.options.Audit); err != nil {
		return err
	}
	return r.ledger.Promote(ctx, r.Run)
}

// promoteLake makes the next snapshot, unless the run brought nothing.
func (r *run) promoteLake(ctx context.Context, parts []parquet.Part) error {
	if len(parts) == 0 {
		return nil
	}
	shown, err := r.parts.Promote(ctx, parts)
	r.rows = shown.Rows
	return err
}

func (r *run) promoteWarehouse(ctx context.Context) error {
	if err := r.recordWarehouse(ctx); err != nil {
		return err
	}
	_, err := r.partition.Promote(ctx)
	r.warnUnkept(r.partition)
	return err
}

// warnUnkept says that readers wait longer for views.
func (l *lake) warnUnkept(of *clickhouse.Run) {
	if err := of.Unkept(); err != nil {
		l.options.Log.Warn("readers see the run, but its views take longer", "error", err)
	}
}

// recordWarehouse writes the run and its files into ClickHouse's _run and _file,
// which all rows refer to.
func (r *run) recordWarehouse(ctx context.Context) error {
	files, err := r.ledger.Files(ctx, r.ID)
	if err != nil {
		return err
	}
	var rows []clickhouse.FileRow
	var sum ledger.Counts
	for _, f := range files {
		sum.Add(f.Counts)
		rows = append(rows, clickhouse.FileRow{
			FileID: f.ID, RunID: r.ID, Name: r.options.Policy.Name(f.Name), ResourceType: f.ResourceType, SHA256: r.options.Policy.Name(f.SHA256), Counts: clickhouse.Counts(f.Counts), Retrieved: r.asked,
		})
	}
	row := clickhouse.RunRow{
		RunID: r.ID, RunNumber: r.Number, Source: r.Source, Kind: r.Kind, State: string(ledger.Promoted), Started: r.Started, Finished: cmp.Or(r.Finished, time.Now().UTC()),
		Mapping: r.Mapping, Files: int64(len(files)), Counts: clickhouse.Counts(sum),
	}
	if !r.TransactionTime.IsZero() {
		row.TransactionTime = &r.TransactionTime
	}
	return errors.Join(r.options.Warehouse.RecordFiles(ctx, rows), r.options.Warehouse.RecordRun(ctx, row), r.recordChecks(ctx))
}
