package embedded

import (
	"bytes"
	"crypto/subtle"
	"fmt"
	"io"
	"net/http"
)

// maxQueries is how many requests the engine works on at once; others wait.
const maxQueries = 32

// handler is ClickHouse's HTTP interface: GET and POST with the query in
// ?query= or the body, settings and param_ values in the URL, /ping.
type handler struct {
	engine   *engine
	version  string
	user     string
	password string
	readOnly bool
	asker    *asker
	slots    chan struct{}
}

func newHandler(e *engine, version string, o order) *handler {
	return &handler{engine: e, version: version, user: o.User, password: o.Password, readOnly: o.ReadOnly, slots: make(chan struct{}, maxQueries)}
}

func (h *handler) mux() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/ping", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("Ok.\n")) })
	mux.Handle("/{$}", h)
	return mux
}

// ServeHTTP runs one query.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !h.allowed(r) {
		fail(w, exception(516, "AUTHENTICATION_FAILED", "Authentication failed: password is incorrect, or there is no user with such name"))
		return
	}
	h.slots <- struct{}{}
	defer func() { <-h.slots }()
	req, err := readRequest(r)
	if err != nil {
		fail(w, err)
		return
	}
	setHeaders(w, r, req)
	if req.isHello() && r.URL.Query().Has("client_protocol_version") {
		err = hello(w, r, h.version)
	} else if err = h.asker.ask(req.sql); err == nil {
		err = h.run(w, r, req)
	}
	if err != nil {
		fail(w, err)
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

// run answers one query in a session of its own.
func (h *handler) run(w http.ResponseWriter, r *http.Request, req *request) error {
	c, err := h.engine.session()
	if err != nil {
		return err
	}
	defer c.close()
	if err := h.prepare(c, r, req); err != nil {
		return err
	}
	out := newResult(w, req.compress)
	switch {
	case req.insert:
		written, err := insert(c, req)
		if err == nil {
			w.Header().Set("X-ClickHouse-Summary", fmt.Sprintf(`{"written_rows":"%d"}`, written))
		}
		return err
	case req.streams():
		return h.stream(out, c, req)
	}
	var whole bytes.Buffer
	if _, err = c.exec(&whole, req.sql, req.format, req.params); err != nil {
		return err
	}
	_, err = out.Write(whole.Bytes())
	return err
}

// prepare gives the session its database and settings. Read-only comes last,
// since nothing can be set after it; GET is read-only as in ClickHouse.
func (h *handler) prepare(c *connection, r *http.Request, req *request) error {
	readOnly := req.readOnly
	if h.readOnly || r.Method != http.MethodPost {
		readOnly = "1"
	}
	var sql []string
	if req.database != "" {
		sql = append(sql, "USE "+quoteName(req.database))
	}
	for _, s := range append(req.settings, param{"readonly", readOnly}) {
		sql = append(sql, "SET "+s.name+" = "+quoteValue(s.value))
	}
	for _, s := range sql {
		if _, err := c.exec(io.Discard, s, "Null", nil); err != nil {
			return err
		}
	}
	return nil
}

// stream writes a result as it comes. An error after its first piece goes
// into the stream.
func (h *handler) stream(out *result, c *connection, req *request) error {
	for piece, err := range c.stream(req.sql, req.format, req.params) {
		if err != nil && !out.started {
			return err
		}
		if err != nil {
			piece = frame(out.tag, err)
		}
		if _, err := out.Write(piece); err != nil {
			return nil //nolint:nilerr // the client has gone
		}
	}
	return nil
}
