package embedded

import (
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
)

// maxQueries is how many requests the engine works on at once: for all readers together,
// and for each process that loads, which so never waits for a reader. Others wait.
const maxQueries = 32

// handler is ClickHouse's HTTP interface for one process: GET and POST with the query in
// ?query= or the body, settings and param_ values in the URL, /ping.
type handler struct {
	engine   *engine
	version  string
	user     string
	password string
	reader   *reader // nil: all statements are allowed
	asker    *asker
	slots    chan struct{}
	sessions sessions
	running  running
	active   sync.WaitGroup // requests
	moving   atomic.Bool    // clients are to come by other connections
}

// errNewDatabase says that a database was made since the engine started, which gives no
// rights on it to readers therefore.
var errNewDatabase = errors.New("the database is new")

// newHandler makes the interface that a process asked for. The error may be errNewDatabase.
func newHandler(e *engine, version string, o order) (*handler, error) {
	h := &handler{engine: e, version: version, user: o.User, password: o.Password, slots: make(chan struct{}, maxQueries)}
	h.sessions.open = e.session
	h.running.engine = e
	if o.Reader == "" || e.roles == nil {
		return h, nil
	}
	role, ok := e.roles[o.Reader]
	if !ok {
		return nil, errNewDatabase
	}
	h.reader = &reader{database: o.Reader, role: role, pin: o.Pin}
	h.slots = e.slots
	h.sessions.open = func() (*connection, error) { return e.reads(role) }
	return h, nil
}

// end waits for the requests that are under way, and closes what sessions are left.
func (h *handler) end() {
	h.active.Wait()
	h.sessions.close()
}

func (h *handler) mux() http.Handler {
	mux := http.NewServeMux()
	ok := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "Ok.\n") }
	mux.HandleFunc("GET /ping", ok)
	mux.HandleFunc("GET /replicas_status", ok)
	mux.Handle("POST /{$}", h)
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		if !r.URL.Query().Has("query") {
			ok(w, r) // as a server answers a health check
			return
		}
		h.ServeHTTP(w, r)
	})
	return mux
}

// ServeHTTP runs one query.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.active.Add(1)
	defer h.active.Done()
	if h.moving.Load() {
		w.Header().Set("Connection", "close")
	}
	if !h.allowed(r) {
		fail(w, exception(516, "AUTHENTICATION_FAILED", "Authentication failed: password is incorrect, or there is no user with such name"), false)
		return
	}
	req, err := readRequest(r)
	if err != nil {
		fail(w, err, r.URL.Query().Get("compress") == "1")
		return
	}
	if id, ok := req.kills(); ok {
		if err = h.asker.ask(req.sql); err == nil {
			err = h.kill(w, req, id)
		}
		if err != nil {
			fail(w, err, req.compress)
		}
		return
	}
	h.slots <- struct{}{}
	defer func() { <-h.slots }()
	setHeaders(w, req)
	if req.isHello() && r.URL.Query().Has("client_protocol_version") {
		err = hello(w, r, h.version)
	} else if err = h.asker.ask(req.sql); err == nil {
		err = h.run(w, r, req)
	}
	if err != nil {
		fail(w, err, req.compress)
	}
}

// allowed checks the password, wherever a client puts it.
func (h *handler) allowed(r *http.Request) bool {
	user, password, ok := r.BasicAuth()
	if !ok {
		user, password = r.Header.Get("X-ClickHouse-User"), r.Header.Get("X-ClickHouse-Key")
	}
	if user == "" {
		user, password = r.URL.Query().Get("user"), r.URL.Query().Get("password")
	}
	same := subtle.ConstantTimeCompare([]byte(user), []byte(h.user))
	return same&subtle.ConstantTimeCompare([]byte(password), []byte(h.password)) == 1
}

// run answers one query, in a session of its own or the one that it names.
func (h *handler) run(w http.ResponseWriter, r *http.Request, req *request) (err error) {
	if h.reader == nil {
		ended, err := h.engine.loads.begin(r.Context(), h)
		if err != nil {
			return err
		}
		defer ended()
	}
	c, release, err := h.sessions.take(req)
	if err != nil {
		return err
	}
	defer release()
	q, err := h.running.begin(r.Context(), req)
	if err != nil {
		return err
	}
	defer q.end()
	restore, err := h.prepare(c, r, req, q)
	defer restore()
	if err != nil {
		return err
	}
	if h.reader != nil {
		if err := h.reader.check(c, req); err != nil {
			return err
		}
	}
	out := newResult(w, r, req)
	switch {
	case req.insert:
		written, err := insert(c, req)
		if err != nil {
			return err
		}
		return out.end(stats{written: written}, nil)
	case req.streams():
		s, err := c.into(out, q.stop, req)
		return out.end(s, err)
	}
	s, err := c.exec(out, req.sql, req.format, req.params)
	return out.end(s, err)
}

// prepare gives the connection the request's database and settings, and returns what takes
// them back where the session goes on. GET only reads, as in ClickHouse, which comes last,
// since nothing can be set after it.
func (h *handler) prepare(c *connection, r *http.Request, req *request, q *query) (restore func(), err error) {
	settings := req.settings
	if h.reader != nil {
		if err := c.take(h.reader.role); err != nil {
			return func() {}, err
		}
	} else {
		switch {
		case r.Method != http.MethodPost:
			settings = append(settings, param{"readonly", "1"})
		case req.readOnly != "" && req.readOnly != "0":
			settings = append(settings, param{"readonly", req.readOnly})
		}
	}
	settings = append([]param{{marker, q.mark}}, settings...)
	var undo []string
	restore = func() {
		for _, sql := range undo {
			_, _ = c.exec(io.Discard, sql, "Null", nil)
		}
	}
	if req.session != "" {
		if undo, err = c.current(req.database, settings); err != nil {
			return restore, err
		}
	}
	var sql []string
	if database := h.database(req); database != "" {
		sql = append(sql, "USE "+quoteName(database))
	}
	for _, s := range settings {
		sql = append(sql, "SET "+s.name+" = "+quoteValue(s.value))
	}
	for _, s := range sql {
		if _, err := c.exec(io.Discard, s, "Null", nil); err != nil {
			return restore, err
		}
	}
	if h.reader != nil {
		err = h.reader.hold(c)
	}
	return restore, err
}

// database is the one to use: the request's, else the readers', but in a session that has
// its own.
func (h *handler) database(req *request) string {
	if req.database == "" && h.reader != nil && !req.known {
		return h.reader.database
	}
	return req.database
}

// current are the statements that bring a session back to what it is now.
func (c *connection) current(database string, settings []param) (undo []string, err error) {
	ask := func(sql string) string {
		var out strings.Builder
		if err == nil {
			_, err = c.exec(&out, sql, "TSVRaw", nil)
		}
		return strings.TrimSuffix(out.String(), "\n")
	}
	if database != "" {
		undo = append(undo, "USE "+quoteName(ask("SELECT currentDatabase()")))
	}
	for _, s := range settings {
		undo = append(undo, "SET "+s.name+" = "+quoteValue(ask("SELECT toString(getSetting("+quoteValue(s.name)+"))")))
	}
	return undo, err
}

// kill ends the query with an id and says so as ClickHouse does.
func (h *handler) kill(w http.ResponseWriter, req *request, id string) error {
	setHeaders(w, req)
	if !h.running.kill(id) {
		return nil // an empty answer
	}
	_, err := io.WriteString(w, "waiting\t"+id+"\t"+h.user+"\t\n")
	return err
}
