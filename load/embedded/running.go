package embedded

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// marker is a setting that changes nothing here (there is no query log). Its value tells a
// request's query from others in system.processes.
const marker = "log_queries_cut_to_length"

// running are the queries that the engine works on for one process, by the ids that its
// clients know.
type running struct {
	engine *engine

	mu   sync.Mutex
	byID map[string]*query
}

// query is one that runs.
type query struct {
	of   *running
	id   string
	mark string
	stop context.CancelFunc // ends it
	done context.CancelFunc // it has ended
}

// begin notes a query. One that reads ends with ctx, which ends when its client hangs up;
// others go on, so that none is done by half. The error is ClickHouse's.
func (r *running) begin(ctx context.Context, req *request) (*query, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.byID[req.queryID]; ok {
		return nil, exception(216, "QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING", "Query with id = %s is already running", req.queryID)
	}
	if !req.streams() {
		ctx = context.WithoutCancel(ctx)
	}
	q := &query{of: r, id: req.queryID, mark: strconv.FormatInt(1<<40+r.engine.marks.Add(1), 10)}
	ended, done := context.WithCancel(context.Background())
	q.done = done
	ctx, q.stop = context.WithCancel(ctx)
	context.AfterFunc(ctx, func() { r.end(ended, q.mark) })
	if r.byID == nil {
		r.byID = map[string]*query{}
	}
	r.byID[q.id] = q
	return q, nil
}

// end says that the query has ended.
func (q *query) end() {
	q.done()
	q.stop()
	q.of.mu.Lock()
	defer q.of.mu.Unlock()
	delete(q.of.byID, q.id)
}

// kill ends the query with a client's id, and reports whether there is one.
func (r *running) kill(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	q, ok := r.byID[id]
	if ok {
		q.stop()
	}
	return ok
}

// end has the engine end the marked query, which may not have begun, until it has ended.
func (r *running) end(ended context.Context, mark string) {
	for ended.Err() == nil {
		if c, err := r.engine.session(); err == nil {
			_, _ = c.exec(io.Discard, fmt.Sprintf("KILL QUERY WHERE Settings['%s'] = '%s' ASYNC", marker, mark), "Null", nil)
			c.close()
		}
		select {
		case <-ended.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

var killOne = regexp.MustCompile(`(?i)^\s*KILL\s+QUERY\s+WHERE\s+query_id\s*=\s*'([^'\\]+)'\s*(A?SYNC)?\s*$`)

// kills reports the id of the query that the request wants ended. Who knows a query's id
// has sent it: ids are random, and nobody sees others'.
func (r *request) kills() (id string, ok bool) {
	m := killOne.FindStringSubmatch(r.sql)
	if m == nil {
		return "", false
	}
	return m[1], true
}
