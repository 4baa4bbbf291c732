package embedded

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/google/uuid"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// maxQuery bounds SQL that comes in a request's body, with the rows that may
// follow it. Larger inserts put their SQL into ?query= and only rows into the
// body, which is then streamed.
const maxQuery = 64 << 20

// own are the URL parameters that are no settings.
var own = map[string]bool{
	"query": true, "database": true, "default_format": true, "user": true, "password": true, "query_id": true,
	"session_id": true, "session_timeout": true, "session_check": true, "quota_key": true, "role": true,
	"client_protocol_version": true, "compress": true, "decompress": true, "network_compression_method": true,
	"network_zstd_compression_level": true, "enable_http_compression": true, "wait_end_of_query": true,
	"buffer_size": true, "close_session": true, "http_wait_end_of_query": true,
}

var settingName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// request is an HTTP request, read as ClickHouse reads it.
type request struct {
	statement
	body     io.Reader // an insert's rows
	database string
	format   string // of the result, when the statement does not say
	compress bool   // the result in ClickHouse's LZ4 blocks
	readOnly string // the setting of that name, which is set last
	settings []param
	params   []param
	queryID  string

	httpCompression bool // as Accept-Encoding says
	waitEnd         bool // the status is sent after the query's end

	session        string // its id; "" for none
	sessionCheck   bool   // the session must be there
	sessionTimeout time.Duration
	closeSession   bool
	known          bool // the session was there
}

// readRequest takes a request apart. The error is ClickHouse's.
func readRequest(r *http.Request) (*request, error) {
	q := r.URL.Query()
	out := &request{
		readOnly: "0", database: q.Get("database"), format: q.Get("default_format"), compress: q.Get("compress") == "1", queryID: q.Get("query_id"),
		httpCompression: q.Get("enable_http_compression") != "0", waitEnd: q.Get("wait_end_of_query") == "1" || q.Get("http_wait_end_of_query") == "1",
		session: q.Get("session_id"), sessionCheck: q.Get("session_check") == "1", closeSession: q.Get("close_session") == "1",
	}
	if out.queryID == "" {
		out.queryID = uuid.NewString()
	}
	if err := out.readTimeout(q.Get("session_timeout")); err != nil {
		return nil, err
	}
	if out.database == "" {
		out.database = r.Header.Get("X-ClickHouse-Database")
	}
	if out.format == "" {
		out.format = r.Header.Get("X-ClickHouse-Format")
	}
	if out.format == "" {
		out.format = "TabSeparated"
	}
	if err := out.readSettings(q); err != nil {
		return nil, err
	}
	content, err := body(r, q)
	if err != nil {
		return nil, err
	}
	return out, out.readStatement(q.Get("query"), content)
}

// body is the request's body, unpacked from HTTP's encoding and ClickHouse's blocks.
func body(r *http.Request, q url.Values) (content io.Reader, err error) {
	content = r.Body
	switch encoding := r.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		content, err = gzip.NewReader(content)
	case "zstd":
		content, err = zstd.NewReader(content, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20))
	case "lz4":
		content = lz4.NewReader(content)
	default:
		return nil, exception(432, "UNKNOWN_COMPRESSION_METHOD", "Unknown compression method %q: want gzip, zstd or lz4", encoding)
	}
	if err != nil {
		return nil, exception(33, "CANNOT_READ_ALL_DATA", "the request's body is not packed as its Content-Encoding says")
	}
	if q.Get("decompress") == "1" {
		content = compress.NewReader(content)
	}
	return content, nil
}

// readTimeout reads how many seconds a session lives between requests.
func (r *request) readTimeout(text string) error {
	r.sessionTimeout = sessionTimeout
	if text == "" {
		return nil
	}
	seconds, err := strconv.Atoi(text)
	if err != nil || seconds < 0 || seconds > int(maxSessionTimeout/time.Second) {
		return exception(374, "INVALID_SESSION_TIMEOUT", "Invalid session timeout: %q: want 0 to %d seconds", text, int(maxSessionTimeout/time.Second))
	}
	r.sessionTimeout = time.Duration(seconds) * time.Second
	return nil
}

func (r *request) readSettings(q url.Values) error {
	for name, values := range q {
		value := values[len(values)-1]
		switch {
		case strings.HasPrefix(name, "param_"):
			r.params = append(r.params, param{strings.TrimPrefix(name, "param_"), value})
		case name == "readonly":
			r.readOnly = value
		case own[name]:
		case !settingName.MatchString(name):
			return exception(115, "UNKNOWN_SETTING", "Unknown setting %q", name)
		default:
			r.settings = append(r.settings, param{name, value})
		}
	}
	return nil
}

// readStatement joins ?query= and the body: SQL may stand in either, or begin
// in the first and go on in the second.
func (r *request) readStatement(query string, body io.Reader) (err error) {
	if strings.TrimSpace(query) != "" {
		if r.statement, err = parseStatement(query); err != nil || r.insert {
			r.body = io.MultiReader(strings.NewReader(r.data), body)
			return err
		}
	}
	text, err := io.ReadAll(io.LimitReader(body, maxQuery+1))
	switch {
	case err != nil:
		return exception(33, "CANNOT_READ_ALL_DATA", "the request's body ended early")
	case len(text) > maxQuery:
		return exception(62, "SYNTAX_ERROR", "the query is too long; for an insert put the SQL into ?query= and the rows into the body")
	}
	if query != "" {
		query += "\n"
	}
	r.statement, err = parseStatement(query + string(text))
	if err == nil && r.verb == "" {
		return exception(62, "SYNTAX_ERROR", "Syntax error: Empty query")
	}
	r.body = strings.NewReader(r.data)
	return err
}

// isHello reports whether this is clickhouse-go's first query, and the
// protocol revision at which it wants the answer.
func (r *request) isHello() bool {
	return strings.TrimSpace(r.sql) == helloQuery && r.statement.format == "" && r.format == "Native"
}

// quoteValue is s as a SQL string.
func quoteValue(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// quoteName is s as a SQL name.
func quoteName(s string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(s) + "`"
}
