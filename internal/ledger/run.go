package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// State is where a run or a file stands.
type State string

// The states of runs and files.
const (
	Running   State = "running"
	Promoting State = "promoting" // all its rows are durable; some stores may show it
	Promoted  State = "promoted"  // readers see the run
	Failed    State = "failed"    // readers never saw it, and never will
	Pending   State = "pending"
	Done      State = "done"
)

// Run is one sync or flatten of one source.
type Run struct {
	Number          uint32 // rises with every run; ClickHouse's partition
	ID              string
	Source          string
	Kind            string   // sync, flatten, replay or reflatten
	Full            bool     // a sync of everything, not only of what changed
	Hooks           []string // to be told once readers see it; for Begin only
	Subset          bool     // some elements of resources only
	Held            bool     // all of it is loaded, and a check failed; see Hold
	Of              string   // id of the run whose lines a replay or reflatten loads again; "" for others
	State           State
	Started         time.Time
	Finished        time.Time // zero while running
	TransactionTime time.Time // zero until known
	Warehouse       bool      // loaded into ClickHouse too
	Mapping         string    // hash over all mappings in use
	Request         string    // what was asked of the source: an interrupted run goes on only with the same
	StatusURL       string    // of the export; its query may name the job, so it is not for logs
	Sealed          error     // why StatusURL cannot be told: it is sealed, and the key is not there
	Pace            Pace
	Error           string
}

// Pace is how often an export's status may be asked for; zero where nothing is known.
type Pace struct {
	Next  time.Time // not sooner
	Every time.Duration
}

// Begin records a new run and gives it its number and id. r needs Source, Kind, Full, Subset, Of, Hooks,
// Warehouse, Mapping and Request.
func (l *Ledger) Begin(ctx context.Context, r Run) (Run, error) {
	id, err := uuid.NewRandom() // not of the time: every row has it, also where times are not to be told
	if err != nil {
		return Run{}, fmt.Errorf("ledger: new run id: %w", err)
	}
	r.ID, r.State, r.Started = id.String(), Running, time.Now().UTC()
	err = l.inTx(ctx, "begin run", func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `INSERT INTO run (id, source, kind, state, started, warehouse, mapping, request, whole, subset, derived_from) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''))`,
			r.ID, r.Source, r.Kind, r.State, stamp(r.Started), r.Warehouse, r.Mapping, r.Request, r.Full, r.Subset, r.Of)
		if err != nil {
			return err
		}
		n, err := res.LastInsertId()
		r.Number = uint32(n)
		return errors.Join(err, insertMessages(ctx, tx, r.ID, r.Hooks))
	})
	return r, err
}

// SetExport records where the server reports on the run's export, and how often it
// may be asked. It is called before the first poll, so that a crash leaves
// the job findable, and before each next, so that nobody polls too soon.
func (l *Ledger) SetExport(ctx context.Context, runID, statusURL string, pace Pace) error {
	statusURL, err := l.hide(statusURL, exportPlace(runID))
	if err != nil {
		return err
	}
	if pace.Next.IsZero() {
		return l.exec(ctx, "record export", `UPDATE run SET status_url = ? WHERE id = ?`, statusURL, runID)
	}
	return l.exec(ctx, "record export", `UPDATE run SET status_url = ?, poll_next = ?, poll_every = ? WHERE id = ?`, statusURL, stamp(pace.Next), pace.Every.Milliseconds(), runID)
}

// Watermark gives the next _since of the source: the transactionTime of its last promoted
// sync, or what KeepSince put in its place. It is zero before the first.
func (l *Ledger) Watermark(ctx context.Context, source string) (time.Time, error) {
	var at sql.NullString
	err := l.db.QueryRowContext(ctx, `SELECT transaction_time FROM watermark WHERE source = ?`, source).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("ledger: read watermark: %w", err)
	}
	return unstamp(at), nil
}

// SetTransactionTime records the manifest's transactionTime.
func (l *Ledger) SetTransactionTime(ctx context.Context, runID string, t time.Time) error {
	return l.exec(ctx, "record transactionTime", `UPDATE run SET transaction_time = ? WHERE id = ?`, stamp(t), runID)
}

// Promoting records that all rows of the run are durable and its promote begins.
// From here on the run is completed, after a crash too, and never dropped.
func (l *Ledger) Promoting(ctx context.Context, runID string) error {
	return l.exec(ctx, "begin promote", `UPDATE run SET state = ? WHERE id = ?`, Promoting, runID)
}

// Promote records that readers see the run, and moves the source's watermark,
// in one transaction.
func (l *Ledger) Promote(ctx context.Context, r Run) error {
	return l.inTx(ctx, "promote run", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE run SET state = ?, finished = ?, held = 0 WHERE id = ?`, Promoted, stamp(time.Now()), r.ID)
		if err == nil {
			_, err = tx.ExecContext(ctx, `DELETE FROM mark WHERE run = ?`, r.ID)
		}
		if err == nil {
			err = forgetCame(ctx, tx, r.ID)
		}
		if err == nil {
			err = owe(ctx, tx, r.ID)
		}
		if err != nil || r.Kind != "sync" {
			return err
		}
		return moveWatermark(ctx, tx, r)
	})
}

// Note records why a run stopped that can be resumed. The reason must not hold
// content.
func (l *Ledger) Note(ctx context.Context, runID, reason string) error {
	return l.exec(ctx, "record interruption", `UPDATE run SET error = ? WHERE id = ?`, reason, runID)
}

// Fail records that a run ended without being promoted. The reason must not
// hold content.
func (l *Ledger) Fail(ctx context.Context, runID, reason string) error {
	return l.inTx(ctx, "record failure", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE run SET state = ?, finished = ?, error = ? WHERE id = ?`, Failed, stamp(time.Now()), reason, runID)
		if err == nil {
			err = owe(ctx, tx, runID)
		}
		if err == nil {
			err = forgetCame(ctx, tx, runID)
		}
		return err
	})
}

func (l *Ledger) exec(ctx context.Context, what, query string, args ...any) error {
	return l.inTx(ctx, what, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	})
}

const runColumns = `number, id, source, kind, state, started, finished, transaction_time, warehouse, mapping, request, coalesce(status_url, ''), coalesce(error, ''),
	coalesce(derived_from, ''), poll_next, poll_every, whole, held, subset`

// Runs lists all runs, the newest first.
func (l *Ledger) Runs(ctx context.Context) ([]Run, error) {
	return l.runs(ctx, `SELECT `+runColumns+` FROM run ORDER BY number DESC`)
}

// Unfinished lists the runs that are recorded as running or promoting: after
// Acquire, these are the dead ones.
func (l *Ledger) Unfinished(ctx context.Context) ([]Run, error) {
	return l.runs(ctx, `SELECT `+runColumns+` FROM run WHERE state IN (?, ?) ORDER BY number`, Running, Promoting)
}

// Run returns the run with a number, else the one whose id begins with prefix, or
// ErrNoRun.
func (l *Ledger) Run(ctx context.Context, prefix string) (Run, error) {
	runs, err := l.runs(ctx, `SELECT `+runColumns+` FROM run WHERE CAST(number AS TEXT) = ?1
		OR substr(id, 1, length(?1)) = ?1 AND NOT EXISTS (SELECT 1 FROM run WHERE CAST(number AS TEXT) = ?1)`, prefix)
	switch {
	case err != nil:
		return Run{}, err
	case len(runs) == 0:
		return Run{}, fmt.Errorf("%w: %q; see claimlake runs", ErrNoRun, prefix)
	case len(runs) > 1:
		return Run{}, fmt.Errorf("%w: %q is the beginning of %d runs' ids", ErrNoRun, prefix, len(runs))
	}
	return runs[0], nil
}

func (l *Ledger) revealURL(r Run) (string, error) { return l.reveal(r.StatusURL, exportPlace(r.ID)) }

func (l *Ledger) runs(ctx context.Context, query string, args ...any) ([]Run, error) {
	return collect(ctx, l.db, "runs", func(rows *sql.Rows) (r Run, err error) {
		var started, finished, transaction, next sql.NullString
		var every int64
		if err := rows.Scan(&r.Number, &r.ID, &r.Source, &r.Kind, &r.State, &started, &finished, &transaction, &r.Warehouse, &r.Mapping, &r.Request, &r.StatusURL, &r.Error, &r.Of, &next, &every, &r.Full, &r.Held, &r.Subset); err != nil {
			return Run{}, err
		}
		if r.StatusURL, r.Sealed = l.revealURL(r); r.Sealed != nil {
			r.StatusURL = ""
		}
		r.Started, r.Finished, r.TransactionTime = unstamp(started), unstamp(finished), unstamp(transaction)
		r.Pace = Pace{unstamp(next), time.Duration(every) * time.Millisecond}
		return r, nil
	}, query, args...)
}
