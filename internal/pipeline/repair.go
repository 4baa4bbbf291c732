package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/claimlake/claimlake/internal/checks"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/load/parquet"
	"github.com/claimlake/claimlake/transform"
)

// repairs are the copies that a run brings and that loaded ones outrank, although the
// server's word is newer: the latest of each resource. Their lines are spooled, since they
// are loaded once more at the end, when it is known that nothing later came.
type repairs struct {
	dir    string // for the spool
	mu     sync.Mutex
	spool  *os.File // removed already; nil for none
	size   int64
	copies map[string]map[string]repaired // by resource type and id
	err    error                          // of the spool
}

type repaired struct {
	version int64 // µs since 1970
	at      int64 // in the spool
	bytes   int
}

// add takes a copy. It may be called concurrently.
func (p *repairs) add(o transform.Outranked) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if old, ok := p.copies[o.ResourceType][o.ID]; ok && old.version >= o.Version || p.err != nil {
		return
	}
	if p.spool == nil {
		if p.spool, p.err = os.CreateTemp(p.dir, ".repairs-*"); p.err != nil { //nolint:forbidigo // it ends with its run
			return
		}
		if p.err = os.Remove(p.spool.Name()); p.err != nil { //nolint:forbidigo // nor has it a name
			return
		}
		p.copies = map[string]map[string]repaired{}
	}
	if p.copies[o.ResourceType] == nil {
		p.copies[o.ResourceType] = map[string]repaired{}
	}
	var n int
	n, p.err = p.spool.Write(o.Line)
	p.copies[o.ResourceType][o.ID] = repaired{version: o.Version, at: p.size, bytes: n}
	p.size += int64(n)
}

func (p *repairs) close() error {
	if p.spool == nil {
		return nil
	}
	return p.spool.Close()
}

// repairedFile, before a resource type, is the id of the file of its copies that are loaded
// once more.
const repairedFile = "repaired-"

// outrankedCheck is the name of the finding that copies stay hidden.
const outrankedCheck = "outranked"

// repair loads once more, with the version of the loaded copies, what these outrank: then
// the run's copies win. A resource is left alone where its loaded copy came too, or a later
// one: then the copy that was outranked is an old one.
func (r *run) repair(ctx context.Context) (err error) {
	p := &r.repairs
	defer func() { err = errors.Join(err, p.close()) }()
	if p.err != nil {
		return fmt.Errorf("spool copies that loaded ones outrank: %w", p.err)
	}
	if r.goneOn {
		if r.loaded.any() { // the lines that came before are not known
			r.postponed = append(r.postponed, ledger.Finding{Check: outrankedCheck, Grade: checks.Warn, Text: "copies that loaded ones of a later time outrank may stay hidden until the next full sync: this one was interrupted"})
		}
		return r.endImplied(ctx)
	}
	for _, s := range r.options.Plan.Schemas() {
		t, err := table.Of(s)
		if err != nil {
			return err
		}
		if copies := p.copies[t.Resource]; t.IsRoot() && len(copies) > 0 {
			if err := r.repairType(ctx, t, copies); err != nil {
				return fmt.Errorf("load copies that loaded ones outrank: %w", err)
			}
		}
	}
	return nil
}

func (r *run) repairType(ctx context.Context, t table.Table, copies map[string]repaired) error {
	err := r.parquet.Resources(t.Name, r.Source, func(x parquet.Resource) {
		if r.known.came(t.Resource, x.Hash) {
			delete(copies, x.ID)
		}
	})
	if err != nil {
		return err
	}
	paths, err := r.partsOf(ctx, t.Name)
	if err != nil {
		return err
	}
	err = r.parquet.ResourcesIn(paths, r.Source, func(x parquet.Resource) {
		if c, ok := copies[x.ID]; ok && x.Version.UnixMicro() > c.version {
			delete(copies, x.ID)
		}
	})
	if err != nil || len(copies) == 0 {
		return err
	}
	var lines []io.Reader
	for _, id := range slices.Sorted(maps.Keys(copies)) {
		c := copies[id]
		lines = append(lines, io.NewSectionReader(r.repairs.spool, c.at, int64(c.bytes)), strings.NewReader("\n"))
	}
	r.options.Log.Info("what the server has now replaces copies of a later time", "run", r.ID, "type", t.Resource, "resources", len(copies))
	w, err := r.newWorker()
	if err != nil {
		return err
	}
	w.flattener.Outrank(r.loaded.version, nil)
	f := File{ID: repairedFile + t.Resource, Name: "(copies that loaded ones of a later time outranked)", ResourceType: t.Resource, Announced: -1, Bytes: -1}
	return errors.Join(w.loadImplied(ctx, f, io.MultiReader(lines...)), w.close())
}
