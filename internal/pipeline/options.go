package pipeline

import (
	"log/slog"
	"time"

	"github.com/claimlake/claimlake/internal/audit"
	"github.com/claimlake/claimlake/internal/hook"
	"github.com/claimlake/claimlake/internal/metrics"
	"github.com/claimlake/claimlake/internal/policy"
	"github.com/claimlake/claimlake/internal/seal"
	"github.com/claimlake/claimlake/load/clickhouse"
	"github.com/claimlake/claimlake/transform"
)

// Options says what a run does with what its Source gives.
type Options struct {
	Lake    string // folder, made when missing
	Source  string // name, the column _source
	Kind    string // sync, flatten, replay or reflatten, for the ledger
	Of      string // id of the run whose lines a replay or reflatten loads again
	Request string // what is asked of the source; holds no secret
	Resume  bool   // go on with an interrupted run of the same kind, source, request and mappings
	Full    bool   // the source gives all it has, of the types it gives: what is loaded and not among it is deleted
	// Subset says that the source is asked for some elements of its resources only: what
	// comes is not to be held against it.
	Subset bool
	// AcceptAbsent deletes also where a full export lacks much.
	AcceptAbsent bool
	Only         string // id of the run to go on with: no new one is begun; "" for any
	Plan         *transform.Plan
	Policy       *policy.Policy    // changes the rows that Plan gives; nil: none
	Warehouse    *clickhouse.Store // nil: Parquet only
	Views        []clickhouse.View // made in it, over the tables
	Workers      int               // pages flattened at once; 0: one a core
	Files        int               // files read at once; 0: one
	Checks       Checks
	Audit        *audit.Trail  // nil: nothing is recorded
	Keys         *seal.Keys    // archive and quarantine are sealed with; nil: they are not
	ConfigHash   string        // of the configuration, for the trail
	Archive      bool          // keep pages as they came
	KeepPages    time.Duration // how long; 0: forever
	KeepParts    time.Duration // how long runs keep files that nobody reads; 0: forever
	Hooks        []hook.Hook   // told once readers see the run
	Metrics      *metrics.Metrics
	Observer     Observer
	Log          *slog.Logger

	leave  bool                    // leave the interrupted run Only, or any, as it is, whatever it asks for
	before func(step string) error // tests: what happens where a crash may come
}

// step marks a place that a crash may come at.
func (o Options) step(name string) error {
	if o.before == nil {
		return nil
	}
	return o.before(name)
}

// Observer is told how a run goes on. Its methods are called concurrently.
type Observer interface {
	// Step says what the run does now, in a few words.
	Step(text string)
	// Begin says that a file is read from now on.
	Begin(f File)
	// Read says how many bytes and lines of a file were flattened since the last call.
	Read(fileID string, bytes, lines int64)
	// End says that all of a file was flattened.
	End(fileID string)
}
