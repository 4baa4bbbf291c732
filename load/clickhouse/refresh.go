package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	ch "github.com/ClickHouse/clickhouse-go/v2"
)

// resourcesAtOnce is of how many resources rows are computed at once, which bounds the
// memory it takes, whatever the number of rows.
const resourcesAtOnce = 60_000

// fewPatients is how many patients may share a value for one of them to touch the others. A
// view that counts them must not look further.
const fewPatients = 16

// ErrViews says that a run cannot be promoted before the views are made: rows of theirs that
// are kept would not follow from it.
var ErrViews = errors.New("the database keeps rows of views, and the views were not made first")

// refresh computes the rows of kept views for the patients that a run touches, as they will
// be once readers see the run, in the run's partition.
type refresh struct {
	*keeping
	Subjects []subject
	Links    []link
	Whole    bool // of all patients, without a look at what changed
	Across   bool // with the resources of other sources
	Chunks   int  // parts of the patients that are computed one after the other
	layouts  map[string]layout
	fill     []*keptView // those to compute
	run      uint32
	version  uint64
}

// part is what the statements of a refresh need to know of the rows of a view, of one chunk.
type part struct {
	*keptView
	SQL    string // that computes them
	Some   bool   // not those of all patients
	Main   string // table of the resources that they are of
	Chunk  int
	Chunks int
	Few    int
}

// basePart is the same of a table.
type basePart struct {
	layout
	Some  bool
	Main  string
	Chunk int
}

// follow makes the rows of kept views follow from runs that are about to be promoted, in the
// partition of this one. Interrupted anywhere, it may be done again.
func (r *Run) follow(ctx context.Context, runs []RunName) error {
	k := r.store.keeping()
	if k == nil {
		if tables, err := r.store.keptTables(ctx); err != nil || len(tables) > 0 {
			return errors.Join(err, ErrViews)
		}
		return nil
	}
	err := k.follow(ctx, r.number, runs)
	if err == nil || ctx.Err() != nil {
		return err
	}
	r.unkept = fmt.Errorf("views are computed at every query, since their rows could not be kept: %w", err)
	return k.unkeep(ctx)
}

// Unkept says why readers wait longer for views since the run was promoted; nil if they do not.
func (r *Run) Unkept() error { return r.unkept }

func (k *keeping) follow(ctx context.Context, run uint32, runs []RunName) error {
	if len(k.kept) == 0 {
		return nil
	}
	if err := k.fillIncomplete(ctx); err != nil {
		return err
	}
	left, err := k.store.partitions(ctx, run)
	if err != nil {
		return err
	}
	for _, kv := range k.kept {
		if left[kv.Table()] {
			if err := k.store.conn.Exec(ctx, (leftover{Table: kv.Table(), Partition: fmt.Sprint(run)}).drop()); err != nil {
				return err
			}
		}
	}
	seen, err := k.store.promotedRuns(ctx)
	if err != nil {
		return err
	}
	return (&refresh{keeping: k, run: run, fill: k.kept, Whole: len(seen) == 0}).do(ctx, runs)
}

// FillViews computes the rows of kept views that do not follow from all runs that readers
// see. A promote does it, too.
func (s *Store) FillViews(ctx context.Context) error {
	k := s.keeping()
	if k == nil {
		return nil
	}
	if err := k.fillIncomplete(ctx); err != nil {
		return fmt.Errorf("fill the views: %w", terse(err))
	}
	return nil
}

// fillIncomplete fills the tables that are not complete from nothing. Their views do not
// read them before the end.
func (k *keeping) fillIncomplete(ctx context.Context) error {
	lack, err := k.incomplete(ctx)
	if err != nil || len(lack) == 0 {
		return err
	}
	seen, err := k.store.promotedRuns(ctx)
	if err != nil {
		return err
	}
	for _, kv := range lack {
		if err := k.store.conn.Exec(ctx, "TRUNCATE TABLE "+name(kv.Table())); err != nil {
			return err
		}
	}
	if err := (&refresh{keeping: k, run: seen[len(seen)-1].Number, fill: lack, Whole: true}).do(ctx, seen); err != nil {
		return err
	}
	if err := k.show(ctx); err != nil {
		return err
	}
	return k.catalog.record(ctx)
}

// do computes the rows, and notes that they follow from runs.
func (f *refresh) do(ctx context.Context, runs []RunName) error {
	f.layouts = f.store.madeLayouts()
	f.Subjects, f.Links = subjectsOf(f.kept[0].Kept.Of, f.layouts)
	if err := f.store.conn.QueryRow(ctx, "SELECT max(version) + 2 FROM _kept").Scan(&f.version); err != nil {
		return err
	}
	ctx = ch.Context(ctx, ch.WithParameters(ch.Parameters{"run": strconv.FormatUint(uint64(f.run), 10), "version": strconv.FormatUint(f.version, 10)}))
	touched, err := f.touch(ctx)
	if err != nil {
		return err
	}
	if touched {
		if err := f.compute(ctx); err != nil {
			return err
		}
	}
	if err := f.cover(ctx, runs); err != nil {
		return err
	}
	for _, scratch := range []string{"_touched", "_reading"} {
		if err := f.store.conn.Exec(ctx, "DROP TABLE IF EXISTS "+name(scratch)); err != nil {
			return err
		}
	}
	return nil
}

// touch finds the patients, and in how many chunks to compute their rows.
func (f *refresh) touch(ctx context.Context) (any bool, err error) {
	if len(f.Subjects) == 0 {
		return false, nil
	}
	if err := f.store.apply(ctx, "kept_touched.sql", f); err != nil {
		return false, err
	}
	var patients, resources uint64
	if err := f.store.conn.QueryRow(ctx, "SELECT count() FROM `_touched`").Scan(&patients); err != nil || patients == 0 {
		return false, err
	}
	sql, err := render("kept_count.sql", f)
	if err != nil {
		return false, err
	}
	if err := f.store.conn.QueryRow(ctx, sql).Scan(&resources); err != nil {
		return false, err
	}
	f.Chunks = 1 + int(resources/f.store.atOnce())
	f.Across = slices.ContainsFunc(f.kept, func(kv *keptView) bool { return kv.Kept.Across })
	return true, nil
}

// compute refreshes the views that share values first, since that may touch more patients.
func (f *refresh) compute(ctx context.Context) error {
	if err := f.read(ctx); err != nil {
		return err
	}
	for _, shared := range []bool{true, false} {
		for _, kv := range f.fill {
			if (kv.Kept.Shared != "") != shared {
				continue
			}
			if err := f.view(ctx, kv); err != nil {
				return fmt.Errorf("%s: %w", kv.Name, err)
			}
			if shared && !f.Whole {
				if err := f.spread(ctx, kv); err != nil {
					return fmt.Errorf("%s: %w", kv.Name, err)
				}
			}
		}
	}
	return nil
}

// atOnce is of how many resources rows are computed at once.
func (s *Store) atOnce() uint64 {
	if s.chunk > 0 {
		return s.chunk
	}
	return resourcesAtOnce
}

// some reports whether not all resources are read at once.
func (f *refresh) some() bool { return !f.Whole || f.Chunks > 1 }

// read finds the resources to read.
func (f *refresh) read(ctx context.Context) error {
	if !f.some() {
		return nil
	}
	if err := f.store.apply(ctx, "kept_reading.sql", f); err != nil {
		return err
	}
	return f.store.apply(ctx, "kept_linked.sql", f)
}

// spread touches the patients that share a value with few others of which one came or left.
func (f *refresh) spread(ctx context.Context, kv *keptView) error {
	count := func() (n uint64, err error) {
		return n, f.store.conn.QueryRow(ctx, "SELECT count() FROM `_touched`").Scan(&n)
	}
	before, err := count()
	if err != nil {
		return err
	}
	if err := f.store.apply(ctx, "kept_shared.sql", part{keptView: kv, Few: fewPatients}); err != nil {
		return err
	}
	after, err := count()
	if err != nil || after == before {
		return err
	}
	return f.read(ctx)
}

// view computes the rows of a view.
func (f *refresh) view(ctx context.Context, kv *keptView) error {
	for chunk := range f.Chunks {
		for _, s := range kv.stages {
			sql, err := f.sql(kv, s.SQL, chunk)
			if err != nil {
				return err
			}
			if err := f.store.apply(ctx, "kept_stage.sql", struct{ Table, SQL string }{scratch(s), sql}); err != nil {
				return fmt.Errorf("%s: %w", s.Name, err)
			}
		}
		sql, err := f.sql(kv, kv.SQL, chunk)
		if err != nil {
			return err
		}
		p := f.part(kv, chunk)
		p.SQL = sql
		if err := f.store.apply(ctx, "kept_insert.sql", p); err != nil {
			return err
		}
	}
	for _, s := range kv.stages {
		if err := f.store.conn.Exec(ctx, "DROP TABLE IF EXISTS "+name(scratch(s))); err != nil {
			return err
		}
	}
	if f.Whole {
		return nil
	}
	p := f.part(kv, 0)
	p.Chunks = 1
	return f.store.apply(ctx, "kept_gone.sql", p)
}

func (f *refresh) part(kv *keptView, chunk int) part {
	return part{keptView: kv, Some: f.some(), Main: kv.Kept.Resource, Chunk: chunk, Chunks: f.Chunks}
}

func scratch(stage View) string { return "_scratch" + stage.Name }

var reads = regexp.MustCompile(`\b(?:FROM|JOIN)\s+([A-Za-z_]\w*)`)

// sql is a SELECT of a kept view or a stage of one that reads, instead of what readers see,
// what they will see: names of tables and views stand for that then.
func (f *refresh) sql(kv *keptView, sql string, chunk int) (string, error) {
	var with []string
	seen := map[string]bool{}
	for _, m := range reads.FindAllStringSubmatch(sql, -1) {
		if seen[m[1]] {
			continue
		}
		seen[m[1]] = true
		coming, err := f.coming(kv, m[1], chunk)
		if err != nil {
			return "", err
		}
		if coming != "" {
			with = append(with, fmt.Sprintf("%s AS (%s)", name(m[1]), coming))
		}
	}
	if len(with) == 0 {
		return sql, nil
	}
	prefix := "WITH " + strings.Join(with, ",\n")
	if rest, ok := strings.CutPrefix(sql, "WITH "); ok {
		return prefix + ",\n" + rest, nil
	}
	return prefix + "\n" + sql, nil
}

// coming is a SELECT of what readers will see of a table or view; "" for what is neither.
func (f *refresh) coming(kv *keptView, of string, chunk int) (string, error) {
	if l, ok := f.layouts[of]; ok {
		main := slices.ContainsFunc(f.Subjects, func(s subject) bool { return s.Name == l.Root })
		return render("kept_base.sql", basePart{layout: l, Some: f.some() && main, Main: l.Root, Chunk: chunk})
	}
	for _, other := range f.kept {
		if other.Name == of {
			return render("kept_read.sql", f.part(other, chunk))
		}
	}
	for _, s := range kv.stages {
		if s.Name == of {
			return "SELECT * FROM " + name(scratch(s)), nil
		}
	}
	if slices.ContainsFunc(f.views, func(v View) bool { return v.Name == of }) {
		return "", fmt.Errorf("%s reads %s, which is not kept", kv.Name, of)
	}
	return "", nil
}

// cover notes the runs that the rows follow from.
func (f *refresh) cover(ctx context.Context, runs []RunName) error {
	if err := f.store.apply(ctx, "kept_overtaken.sql", nil); err != nil {
		return err
	}
	ids, err := f.tables(ctx)
	if err != nil {
		return err
	}
	return again(ctx, func() error {
		batch, err := f.store.conn.PrepareBatch(ctx, "INSERT INTO _kept (kept, run_number, run_id, version, follows)")
		if err != nil {
			return err
		}
		defer batch.Close() //nolint:errcheck // sent or failed by then
		for _, kv := range f.fill {
			for _, r := range runs {
				if err := batch.Append(ids[kv.Table()], r.Number, r.ID, f.version+1, true); err != nil {
					return err
				}
			}
		}
		return batch.Send()
	})
}
