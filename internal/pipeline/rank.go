package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/zeebo/xxh3"

	"github.com/claimlake/claimlake/internal/checks"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/load/parquet"
	"github.com/claimlake/claimlake/transform"
)

// outrankedCheck is the name of the finding that copies stay hidden.
const outrankedCheck = "outranked"

// rank decides, once all lines are loaded, which copies count where the order of their
// versions and runs does not say it: several of one export with the same version, copies
// that were not loaded since their rows are there, and copies of a full sync that loaded
// ones outrank. The copy that counts and would lose is loaded once more, so that it wins.
// Done again after an interruption, it finds what is left to do.
func (r *run) rank(ctx context.Context) error {
	if r.goneOn {
		if err := r.endImplied(ctx); err != nil {
			return err
		}
	}
	if len(r.failed) > 0 { // not all copies are there
		return nil
	}
	if r.forgot {
		if r.loaded.any() {
			r.postponed = append(r.postponed, ledger.Finding{Check: outrankedCheck, Grade: checks.Warn, Text: "copies that loaded ones of a later time outrank may stay hidden until the next full sync: an older claimlake began this one, and it was interrupted"})
		}
		return nil
	}
	rules, err := r.rankRules(ctx)
	if err != nil {
		return err
	}
	for _, s := range r.options.Plan.Schemas() {
		t, err := table.Of(s)
		if err != nil {
			return err
		}
		if !t.IsRoot() {
			continue
		}
		if err := r.rankType(ctx, rules, s, t); err != nil {
			return fmt.Errorf("rank the copies of %s: %w", t.Resource, err)
		}
	}
	return nil
}

// rankRules are what the copies of a run are ranked by, apart from themselves.
type rankRules struct {
	of     ledger.Run // whose lines the run loads again; none for others
	runs   map[string]ledger.Run
	sync   bool // what comes is the word of a server, newer than all that was loaded before
	full   bool // and all that it has
	policy bool // times are not what they were
}

func (r *run) rankRules(ctx context.Context) (rankRules, error) {
	rules := rankRules{runs: map[string]ledger.Run{}, sync: r.Kind == "sync", full: r.options.Full || r.Full, policy: r.options.Policy != nil}
	runs, err := r.ledger.Runs(ctx)
	if err != nil {
		return rules, err
	}
	for _, x := range runs {
		rules.runs[x.ID] = x
	}
	if rules.of = rules.runs[r.Of]; r.Kind == ledger.Reflatten {
		rules.sync, rules.full = rules.of.Kind == "sync", rules.of.Full
	}
	rules.full = rules.full && rules.sync
	return rules, nil
}

// origin is the run whose lines a run loaded.
func (u rankRules) origin(runID string) ledger.Run {
	x := u.runs[runID]
	if x.Of != "" {
		return u.runs[x.Of]
	}
	return x
}

// yields reports whether a loaded copy must not hide what comes, although its version is
// later: a clock was ahead when it was loaded, or the server was restored from a backup.
func (u rankRules) yields(loaded parquet.Copy, exported time.Time) bool {
	if !u.sync || u.of.ID != "" && u.origin(loaded.RunID).Number >= u.of.Number {
		return false
	}
	return u.full || !u.policy && loaded.Version.After(exported)
}

// contested is a resource of which several copies are to be ranked.
type contested struct {
	fresh  []parquet.Copy // of the run
	loaded *parquet.Copy  // that readers see, or the tombstone that hides it; nil for none
	came   *place         // where the run met the loaded copy's line; nil where it did not
}

// place is where in an export a copy stands.
type place struct {
	file string
	line int64
}

func (p place) compare(o place) int {
	return cmp.Or(cmp.Compare(len(p.file), len(o.file)), cmp.Compare(p.file, o.file), cmp.Compare(p.line, o.line))
}

// compareCopies orders copies of one export and version: by meta.versionId where that is a
// number, which outranks none, then by their places.
func compareCopies(a, b parquet.Copy, at, of place) int {
	x, y := digits(a.VersionID), digits(b.VersionID)
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y), at.compare(of))
}

// digits is a number without leading zeros, so that the longer one is the greater; "" for
// what is no number. Zero is one zero.
func digits(text string) string {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return ""
	}
	return cmp.Or(strings.TrimLeft(text, "0"), "0")
}

func placeOf(c parquet.Copy) place {
	_, file, _ := lineage.AgainOf(c.FileID)
	return place{file, c.Line}
}

// reload is a copy that is to be loaded once more.
type reload struct {
	parquet.Copy
	version  time.Time
	exported time.Time // the transactionTime that its rows get; zero for what they have
}

// decide gives the copy of a resource that counts, where it would lose.
func (r *run) decide(u rankRules, c *contested) (reload, bool) {
	best, top, wins := bestOf(c.fresh)
	if best == nil {
		return reload{}, false
	}
	if l := c.loaded; l != nil {
		switch at := r.versionNow(u, c); {
		case c.came != nil && (at.After(top) || at.Equal(top) && compareCopies(*l, *best, *c.came, placeOf(*best)) > 0):
			a := reload{Copy: *l, version: latest(at, top)}
			if !at.Equal(l.Version) {
				a.exported = at.Add(l.TransactionTime.Sub(l.Version))
			}
			return a, !l.Version.After(top)
		case c.came != nil && l.Version.After(top):
			return reload{Copy: *best, version: l.Version}, true
		case c.came != nil:
		case u.of.ID != "" && !l.Deleted && u.origin(l.RunID).ID == u.of.ID && l.Version.Equal(top):
			if compareCopies(*l, *best, placeOf(*l), placeOf(*best)) > 0 {
				return reload{Copy: *l, version: top}, true
			}
		case l.Version.After(top) && !transform.Partial(top.UnixMicro()) && u.yields(*l, r.TransactionTime):
			return reload{Copy: *best, version: l.Version}, true
		}
	}
	return reload{Copy: *best, version: top}, !wins
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// bestOf is the copy of a run that counts, its version, and whether it ranks highest in the
// stores as it is; none where that is a tombstone, or was loaded once more already.
func bestOf(copies []parquet.Copy) (best *parquet.Copy, top time.Time, wins bool) {
	for i, c := range copies {
		if _, _, isAgain := lineage.AgainOf(c.FileID); isAgain {
			return nil, top, false
		}
		if i == 0 || c.Version.After(top) {
			top = c.Version
		}
	}
	for _, c := range copies {
		switch {
		case !c.Version.Equal(top):
		case c.Deleted:
			return nil, top, false
		case best == nil || compareCopies(c, *best, placeOf(c), placeOf(*best)) > 0:
			best = &c
		}
	}
	for _, c := range copies {
		if best != nil && c.Version.Equal(top) && c.Hash != best.Hash && c.Hash>>33 >= best.Hash>>33 {
			return best, top, false
		}
	}
	return best, top, true
}

// versionNow is the version that a loaded copy has as one of this run's export, if its line
// came again: one that does not say when it was changed, or that says a time after its
// export, is as new as this one.
func (r *run) versionNow(u rankRules, c *contested) time.Time {
	l := c.loaded
	before := l.TransactionTime.Sub(l.Version)
	if c.came == nil || u.policy || before != time.Microsecond && before != transform.Unranked*time.Microsecond {
		return l.Version
	}
	exported := r.TransactionTime
	for _, f := range r.batch.Files {
		if t := f.handle.TransactionTime; f.ID == c.came.file && !t.IsZero() {
			exported = t
		}
	}
	return exported.Add(-before)
}

// rankType ranks the copies of one resource type.
func (r *run) rankType(ctx context.Context, u rankRules, s *arrow.Schema, t table.Table) error {
	found, err := r.contested(ctx, u, s, t)
	if err != nil || len(found) == 0 {
		return err
	}
	var list []reload
	for _, c := range found {
		if a, needed := r.decide(u, c); needed {
			list = append(list, a)
		}
	}
	if len(list) == 0 {
		return nil
	}
	r.options.Log.Info("copies that count are loaded once more, so that they win", "run", r.ID, "type", t.Resource, "resources", len(list))
	return r.loadAgain(ctx, u, t, list)
}

// contested finds the resources of a type, by the xxh3 of their ids, whose copies are to
// be ranked, with all of these.
func (r *run) contested(ctx context.Context, u rankRules, s *arrow.Schema, t table.Table) (map[uint64]*contested, error) {
	paths, err := r.partsOf(ctx, t.Name)
	if err != nil || len(paths) == 0 {
		return nil, err
	}
	found := map[uint64]*contested{}
	brought, err := r.broughtCopies(paths, found)
	if err != nil {
		return nil, err
	}
	came, err := r.contestedLoaded(u, t, brought, found)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	wanted := func(id []byte) bool { return found[xxh3.Hash(id)] != nil }
	versionID := columnAt(s, "meta.versionId")
	err = r.parquet.Copies(paths, r.Source, versionID, wanted, func(c parquet.Copy) {
		of := found[xxh3.HashString(c.ID)]
		of.fresh = append(of.fresh, c)
	})
	if err != nil {
		return nil, err
	}
	shown, err := r.parquet.ShownPaths(t.Name)
	if err != nil {
		return nil, err
	}
	err = r.parquet.Copies(shown, r.Source, versionID, wanted, func(c parquet.Copy) { found[xxh3.HashString(c.ID)].loaded = &c })
	if err != nil {
		return nil, err
	}
	if err := r.placesOf(ctx, came, found); err != nil {
		return nil, err
	}
	return found, r.numbers(ctx, found)
}

// placesOf finds where the lines of loaded copies came.
func (r *run) placesOf(ctx context.Context, came map[uint64]uint64, found map[uint64]*contested) error {
	if len(came) == 0 {
		return nil
	}
	return r.ledger.EachCame(ctx, r.ID, func(x ledger.Came) {
		if c := found[came[x.Hash]]; c != nil && c.loaded != nil && c.loaded.Hash == x.Hash {
			if at := (place{x.File, x.Line}); c.came == nil || at.compare(*c.came) > 0 {
				c.came = &at
			}
		}
	})
}

// numbers adds to the copies of the run's export the numbers of their versions that their rows do
// not tell.
func (r *run) numbers(ctx context.Context, found map[uint64]*contested) error {
	copies := map[place]*parquet.Copy{}
	for _, c := range found {
		for i := range c.fresh {
			copies[placeOf(c.fresh[i])] = &c.fresh[i]
		}
		if c.came != nil {
			copies[*c.came] = c.loaded
		}
	}
	return r.ledger.EachNumbered(ctx, r.ID, func(n ledger.Numbered) {
		if c := copies[place{n.File, n.Line}]; c != nil {
			c.VersionID = n.Number
		}
	})
}

// broughtCopies are the ids and versions that the run brought, of each id the latest last.
// Those of which it brought several are added to found.
func (r *run) broughtCopies(paths []string, found map[uint64]*contested) ([]loadedCopy, error) {
	var brought []loadedCopy
	err := r.parquet.ResourcesIn(paths, r.Source, func(x parquet.Resource) {
		brought = append(brought, loadedCopy{xxh3.HashString(x.ID), x.Version.UnixMicro()})
	})
	slices.SortFunc(brought, func(a, b loadedCopy) int { return cmp.Or(cmp.Compare(a.id, b.id), cmp.Compare(a.version, b.version)) })
	for i := 1; i < len(brought); i++ {
		if brought[i].id == brought[i-1].id {
			found[brought[i].id] = &contested{}
		}
	}
	return brought, err
}

// contestedLoaded adds to found the resources whose loaded copies are to be ranked with
// those of the run. came gives the resources of those whose lines came, by the hashes of
// these.
func (r *run) contestedLoaded(u rankRules, t table.Table, brought []loadedCopy, found map[uint64]*contested) (came map[uint64]uint64, err error) {
	since := r.TransactionTime
	switch {
	case u.full || u.of.ID != "" || r.known.anyCame(t.Resource):
		since = time.Time{}
	case !u.sync || u.policy:
		return nil, nil
	}
	came = map[uint64]uint64{}
	meet := func(x parquet.Resource, came func(id uint64) bool) {
		id := xxh3.HashString(x.ID)
		i := sort.Search(len(brought), func(i int) bool { return brought[i].id > id })
		if i == 0 || brought[i-1].id != id {
			return
		}
		order := cmp.Compare(x.Version.UnixMicro(), brought[i-1].version)
		if came(id) || order > 0 || order == 0 && u.of.ID != "" {
			found[id] = &contested{}
		}
	}
	err = r.parquet.ResourcesSince(t.Name, r.Source, since, func(x parquet.Resource) {
		meet(x, func(id uint64) bool {
			if !r.known.came(t.Resource, x.Hash) {
				return false
			}
			came[x.Hash] = id
			return true
		})
	})
	if err != nil || !u.full {
		return came, err
	}
	return came, r.parquet.Tombstones(t.Name, r.Source, func(x parquet.Resource) { meet(x, func(uint64) bool { return false }) })
}

// columnAt is the name of the column that has the value of a path; "" for none.
func columnAt(s *arrow.Schema, path string) string {
	for _, f := range s.Fields() {
		if table.ColumnPath(f) == path {
			return f.Name
		}
	}
	return ""
}

// unranked counts the copies that no time ranks.
func (r *run) unranked(ctx context.Context) (found []checks.Finding, err error) {
	values, err := r.ledger.Unranked(ctx, r.ID)
	missing, unreadable := map[string]int64{}, map[string]int64{}
	for _, v := range values {
		if v.Reason == transform.ValueNoTime {
			missing[v.Table] = v.Count
		} else {
			unreadable[v.Table] = v.Count
		}
	}
	return checks.Unranked(missing, unreadable), err
}
