package embedded

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

var update = flag.Bool("update", false, "write golden files")

func TestHTTPInterface(t *testing.T) {
	s := start(t, Options{})
	for _, sql := range []string{
		"CREATE DATABASE d",
		"CREATE TABLE d.claim (id String, paid Decimal(18, 4)) ENGINE = MergeTree ORDER BY id",
		"INSERT INTO d.claim VALUES ('a', 1.10), ('b;', 20);",
		"INSERT INTO d.claim FORMAT CSV\n\"c\",0.0001\n",
	} {
		if a := s.post(t, nil, sql); a.status != http.StatusOK {
			t.Fatalf("%s: %d %s", sql, a.status, a.body)
		}
	}
	for name, tc := range map[string]struct {
		query  url.Values
		body   string
		status int
		want   string // the answer's text, or how it begins when status is not 200
	}{
		"SQL in the body":             {body: "SELECT count() FROM d.claim WHERE id < 'd'", status: 200, want: "3\n"},
		"SQL in the URL":              {query: url.Values{"query": {"SELECT sum(paid) FROM d.claim WHERE id < 'd'"}}, status: 200, want: "21.1001\n"},
		"SQL begun in the URL":        {query: url.Values{"query": {"SELECT id FROM d.claim"}}, body: "ORDER BY id LIMIT 1", status: 200, want: "a\n"},
		"rows in the body":            {query: url.Values{"query": {"INSERT INTO d.claim SETTINGS max_threads = 1 FORMAT JSONEachRow"}}, body: `{"id":"x","paid":"7"}`, status: 200},
		"values in the body":          {query: url.Values{"query": {"INSERT INTO d.claim VALUES"}}, body: `('y', 8)`, status: 200},
		"database parameter":          {query: url.Values{"database": {"d"}}, body: "SELECT id FROM claim WHERE id = 'a'", status: 200, want: "a\n"},
		"FORMAT clause":               {body: "SELECT 1 AS a FORMAT JSONEachRow", status: 200, want: "{\"a\":1}\n"},
		"default_format":              {query: url.Values{"default_format": {"CSVWithNames"}}, body: "SELECT 1 AS a, 'x' AS b", status: 200, want: "\"a\",\"b\"\n1,\"x\"\n"},
		"setting in the URL":          {query: url.Values{"max_threads": {"3"}}, body: "SELECT getSetting('max_threads')", status: 200, want: "3\n"},
		"setting of one request only": {body: "SELECT getSetting('max_threads') = 3", status: 200, want: "0\n"},
		"parameter":                   {query: url.Values{"param_id": {"it's"}}, body: "SELECT {id:String}", status: 200, want: "it\\'s\n"},
		"semicolon at the end":        {body: "SELECT 1; -- done", status: 200, want: "1\n"},
		"SHOW":                        {body: "SHOW TABLES FROM d", status: 200, want: "claim\n"},
		"EXPLAIN":                     {body: "EXPLAIN SYNTAX SELECT 1", status: 200, want: "SELECT 1\nFROM system.one\n"},
		"syntax error":                {body: "SELEC 1", status: 400, want: "Code: 62. DB::Exception: Syntax error"},
		"unknown table":               {body: "SELECT * FROM d.nothing", status: 404, want: "Code: 60."},
		"unknown database":            {query: url.Values{"database": {"nothing"}}, body: "SELECT 1", status: 404, want: "Code: 81."},
		"unknown setting":             {query: url.Values{"no_such_setting": {"1"}}, body: "SELECT 1", status: 404, want: "Code: 115."},
		"setting that is no name":     {query: url.Values{"a = 1; DROP": {"1"}}, body: "SELECT 1", status: 404, want: "Code: 115."},
		"several statements":          {body: "SELECT 1; DROP TABLE d.claim", status: 400, want: "Code: 62."},
		"file out":                    {body: "SELECT 1 INTO OUTFILE 'x'", status: 501, want: "Code: 48."},
		"file in":                     {body: "INSERT INTO d.claim FROM INFILE 'x' FORMAT CSV", status: 501, want: "Code: 48."},
		"nothing":                     {status: 400, want: "Code: 62."},
		"rows that do not fit":        {query: url.Values{"query": {"INSERT INTO d.claim FORMAT CSV"}}, body: "\"z\",many\n", status: 400, want: "Code: 117."},
		"read-only by parameter":      {query: url.Values{"readonly": {"1"}}, body: "DROP TABLE d.claim", status: 403, want: "Code: 164."},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.post(t, tc.query, tc.body)
			ok := a.body == tc.want
			if tc.status != http.StatusOK {
				ok = strings.HasPrefix(a.body, tc.want) && a.header.Get("X-ClickHouse-Exception-Code") != ""
			}
			if a.status != tc.status || !ok {
				t.Errorf("got %d %q, want %d %q", a.status, a.body, tc.status, tc.want)
			}
		})
	}
	if a := s.post(t, nil, "SELECT groupArray(id) FROM (SELECT id FROM d.claim ORDER BY id)"); a.body != "['a','b;','c','x','y']\n" {
		t.Errorf("rows after all inserts: %s", a.body)
	}
}

func TestAccess(t *testing.T) {
	s := start(t, Options{})
	if a := s.send(t, http.MethodPost, nil, "SELECT 1", "wrong"); a.status != http.StatusUnauthorized {
		t.Errorf("wrong password: %d", a.status)
	}
	if a := s.send(t, http.MethodGet, url.Values{"query": {"CREATE DATABASE d"}}, "", s.Password); a.status != http.StatusForbidden {
		t.Errorf("GET may change data: %d", a.status)
	}
}

func TestReadOnly(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("content"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, Options{Reader: "default"})
	if a := s.post(t, url.Values{"max_threads": {"1"}, "readonly": {"0"}}, "SELECT 1"); a.body != "1\n" {
		t.Errorf("a query: %d %s", a.status, a.body)
	}
	for _, sql := range []string{
		"CREATE DATABASE d", "SET readonly = 0", "SELECT 1 SETTINGS readonly = 0",
		"SELECT * FROM file('" + secret + "', 'LineAsString', 'l String')",
		"SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString', 'l String')",
		"INSERT INTO FUNCTION file('" + secret + "', 'CSV', 'a UInt8') SELECT 1",
		"SELECT 1 INTO/**/OUTFILE '" + secret + "2'", "SYSTEM SHUTDOWN",
	} {
		if a := s.post(t, nil, sql); a.status == http.StatusOK || strings.Contains(a.body, "content") {
			t.Errorf("%s: %d %s", sql, a.status, a.body)
		}
	}
}

func TestLargeResultStreams(t *testing.T) {
	s := start(t, Options{})
	const rows = 5_000_000
	a := s.post(t, nil, "SELECT number FROM numbers(5000000)")
	if n := strings.Count(a.body, "\n"); n != rows {
		t.Errorf("%d rows, want %d", n, rows)
	}
}

func TestErrorInTheMiddleOfAResult(t *testing.T) {
	s := start(t, Options{})
	a := s.post(t, url.Values{"max_threads": {"1"}}, "SELECT throwIf(number = 3000000) FROM numbers(10000000)")
	tag := a.header.Get("X-ClickHouse-Exception-Tag")
	if a.status != http.StatusOK || !strings.HasSuffix(a.body, tag+"\r\n__exception__\r\n") || !strings.Contains(a.body, "Code: 395.") {
		t.Errorf("status %d, end %q", a.status, a.body[max(0, len(a.body)-400):])
	}
}

// Every format of ClickHouse's is one document, whatever the size of the result, and empty
// where there are no rows; no error text is among it.
func TestFormatsAreWholeDocuments(t *testing.T) {
	s := start(t, Options{Reader: "default"})
	formats := strings.Fields(s.post(t, nil, "SELECT name FROM system.formats WHERE is_output AND name NOT IN ('Template', 'CapnProto', 'Protobuf', 'ProtobufSingle', 'ProtobufList', 'AvroConfluent') ORDER BY name").body)
	if len(formats) < 60 {
		t.Fatalf("%d formats", len(formats))
	}
	for _, format := range formats {
		a := s.post(t, url.Values{"default_format": {format}, "output_format_json_array_of_rows": {"0"}}, "SELECT toString(number) AS text FROM numbers(10) WHERE number > 10")
		if strings.Contains(a.body, "__exception__") || a.status != http.StatusOK && !strings.Contains(a.body, "Code: ") || a.status == http.StatusOK && strings.Contains(a.body, "DB::Exception") {
			t.Errorf("%s, empty: %d %.200q", format, a.status, a.body)
		}
		if a.status == http.StatusOK && a.header.Get("X-ClickHouse-Format") != format {
			t.Errorf("%s is called %q", format, a.header.Get("X-ClickHouse-Format"))
		}
	}
	const rows = 200_000 // several of the engine's blocks
	for format, header := range map[string]string{
		"CSVWithNames": "\"x\"\n", "TSVWithNamesAndTypes": "x\nUInt64\n", "JSON": "\"meta\"", "JSONCompact": "\"meta\"", "RowBinaryWithNamesAndTypes": "\x01\x01x\x06UInt64", "Parquet": "PAR1", "Markdown": "| x |",
	} {
		a := s.post(t, url.Values{"default_format": {format}}, "SELECT number AS x FROM numbers("+strconv.Itoa(rows)+")")
		want := 1
		if format == "Parquet" {
			want = 2 // at the end too
		}
		if n := strings.Count(a.body, header); n != want || len(a.body) < rows {
			t.Errorf("%s: %d headers in %d bytes, want %d", format, n, len(a.body), want)
		}
	}
}

// What ClickHouse's clients look for in the answers' headers.
func TestHeaders(t *testing.T) {
	s := start(t, Options{Reader: "default"})
	a := s.post(t, url.Values{"query_id": {"q-1"}, "default_format": {"JSONEachRow"}}, "SELECT number FROM numbers(7)")
	for name, want := range map[string]string{
		"X-ClickHouse-Query-Id": "q-1", "X-ClickHouse-Format": "JSONEachRow", "X-ClickHouse-Timezone": "UTC", "X-ClickHouse-Server-Display-Name": "claimlake", "Content-Type": "application/x-ndjson; charset=UTF-8",
	} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	var summary map[string]string
	if err := json.Unmarshal([]byte(a.header.Get("X-ClickHouse-Summary")), &summary); err != nil || summary["read_rows"] != "7" || summary["result_rows"] != "7" || summary["elapsed_ns"] == "0" {
		t.Errorf("summary %q: %v", a.header.Get("X-ClickHouse-Summary"), err)
	}
	if got := a.header.Get("X-ClickHouse-Progress"); got != "" {
		t.Errorf("progress that nobody asked for: %s", got)
	}
	a = s.post(t, url.Values{"send_progress_in_http_headers": {"1"}, "wait_end_of_query": {"1"}}, "SELECT number FROM numbers(7)")
	if got := a.header.Get("X-ClickHouse-Progress"); !strings.Contains(got, `"read_rows":"7"`) || a.status != http.StatusOK {
		t.Errorf("progress %q, status %d", got, a.status)
	}
	for path, body := range map[string]string{"/": "Ok.\n", "/ping": "Ok.\n", "/replicas_status": "Ok.\n"} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			resp := s.raw(t, method, path, nil)
			text, _ := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if method == http.MethodHead {
				body = ""
			}
			if resp.StatusCode != http.StatusOK || string(text) != body {
				t.Errorf("%s %s: %d %q", method, path, resp.StatusCode, text)
			}
		}
	}
}

func (s *Server) raw(t *testing.T, method, path string, header http.Header) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.Addr+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = header.Clone()
	if req.Header == nil {
		req.Header = http.Header{}
	}
	req.SetBasicAuth(s.User, s.Password)
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

// A result is packed as the client accepts it, small or large.
func TestHTTPCompression(t *testing.T) {
	s := start(t, Options{Reader: "default"})
	unpack := map[string]func(io.Reader) (io.Reader, error){
		"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"zstd": func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r) },
		"lz4":  func(r io.Reader) (io.Reader, error) { return lz4.NewReader(r), nil },
		"":     func(r io.Reader) (io.Reader, error) { return r, nil },
	}
	for accepted, want := range map[string]string{"gzip": "gzip", "gzip, deflate, zstd": "zstd", "lz4;q=0.5": "lz4", "br": "", "gzip;q=0": "", "identity": ""} {
		for _, rows := range []int{1, 1_000_000} {
			resp := s.raw(t, http.MethodGet, "/?query="+url.QueryEscape("SELECT number FROM numbers("+strconv.Itoa(rows)+")"), http.Header{"Accept-Encoding": {accepted}})
			if got := resp.Header.Get("Content-Encoding"); got != want {
				t.Errorf("%s: packed as %q, want %q", accepted, got, want)
			}
			plain, err := unpack[want](resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(plain)
			_ = resp.Body.Close()
			if n := bytes.Count(text, []byte("\n")); err != nil || n != rows {
				t.Errorf("%s: %d rows, want %d: %v", accepted, n, rows, err)
			}
		}
	}
}

// A session keeps its settings, database and temporary tables, for one request at a time;
// what a request sets for itself ends with it.
func TestSessions(t *testing.T) {
	s := start(t, Options{})
	in := func(more ...string) url.Values {
		v := url.Values{"session_id": {"s1"}}
		for i := 0; i < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v
	}
	for _, tc := range []struct {
		query     url.Values
		sql, want string
	}{
		{in("session_check", "1"), "SELECT 1", "Code: 372."},
		{in(), "SET max_threads = 3", ""},
		{in(), "CREATE TEMPORARY TABLE kept (a UInt8)", ""},
		{in(), "INSERT INTO kept VALUES (7)", ""},
		{in("max_threads", "5"), "SELECT getSetting('max_threads')", "5\n"},
		{in("session_check", "1"), "SELECT getSetting('max_threads'), a FROM kept", "3\t7\n"},
		{in("database", "system"), "SELECT currentDatabase()", "system\n"},
		{in(), "SELECT currentDatabase()", "default\n"},
		{nil, "SELECT a FROM kept", "Code: 60."},
		{in("session_timeout", "9999999"), "SELECT 1", "Code: 374."},
		{in("close_session", "1"), "SELECT 1", "1\n"},
		{in("session_check", "1"), "SELECT 1", "Code: 372."},
	} {
		if a := s.post(t, tc.query, tc.sql); !strings.HasPrefix(a.body, tc.want) || tc.want == "" && a.body != "" {
			t.Errorf("%v %s: %q, want %q", tc.query, tc.sql, a.body, tc.want)
		}
	}
}

// A query ends when its client hangs up or another request kills it by its id, and a
// reader can end no other.
func TestQueriesEnd(t *testing.T) {
	const endless = "SELECT count() FROM numbers(1000000000000000) WHERE NOT ignore(sipHash64(number))"
	for name, reader := range map[string]string{"reader": "default", "writer": ""} {
		t.Run(name, func(t *testing.T) {
			s := start(t, Options{Reader: reader})
			ended := make(chan answer)
			go func() { ended <- s.post(t, url.Values{"query_id": {"mine"}}, endless) }()
			for a := (answer{}); !strings.Contains(a.body, "mine"); time.Sleep(10 * time.Millisecond) {
				a = s.post(t, nil, "KILL QUERY WHERE query_id = 'mine'")
			}
			if a := <-ended; !strings.HasPrefix(a.body, "Code: 394.") {
				t.Errorf("killed: %d %s", a.status, a.body)
			}
			ctx, hangUp := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer hangUp()
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.Addr+"/?query_id=other&session_id=s", strings.NewReader(endless))
			if err != nil {
				t.Fatal(err)
			}
			req.SetBasicAuth(s.User, s.Password)
			if resp, err := http.DefaultClient.Do(req); err == nil {
				_ = resp.Body.Close()
				t.Fatal("the endless query ended")
			}
			// Its session is free once it has ended.
			for a := (answer{}); a.body != "1\n"; time.Sleep(10 * time.Millisecond) {
				a = s.post(t, url.Values{"session_id": {"s"}}, "SELECT 1")
			}
		})
	}
}

// A reader may set how its queries run. What names files, hosts or other languages is
// constant: the list is of all settings that a reader can change and that take text or
// have a name of that kind, and a new one of ClickHouse's must be looked at.
func TestReadersSettings(t *testing.T) {
	s := start(t, Options{Reader: "default"})
	for _, name := range []string{"max_threads", "max_result_rows", "join_use_nulls", "max_execution_time", "output_format_json_quote_64bit_integers", "session_timezone", "date_time_output_format", "result_overflow_mode", "max_block_size", "log_comment"} {
		value := map[string]string{"session_timezone": "UTC", "date_time_output_format": "iso", "result_overflow_mode": "break"}[name]
		if value == "" {
			value = "1"
		}
		if a := s.post(t, url.Values{name: {value}}, "SELECT 1"); a.status != http.StatusOK {
			t.Errorf("%s: %s", name, a.body)
		}
	}
	for _, name := range constant {
		old := strings.TrimSpace(s.post(t, nil, "SELECT value FROM system.settings WHERE name = '"+name+"'").body)
		value := map[string]string{"0": "1", "1": "0"}[old]
		if value == "" {
			value = map[string]string{"dialect": "kusto", "format_schema_source": "string"}[name]
		}
		if value == "" {
			value = "x"
		}
		if a := s.post(t, url.Values{name: {value}}, "SELECT 1"); !strings.HasPrefix(a.body, "Code: 452.") {
			t.Errorf("%s = %s: %s", name, value, a.body)
		}
	}
	got := s.post(t, nil, `SELECT name FROM system.settings WHERE NOT readonly AND name NOT LIKE 's3%' AND name NOT LIKE 'azure%' AND name NOT LIKE 'hdfs%'
		AND (type = 'String' OR match(name, 'file|path|url|schema|host|dialect|script|profile|catalog|python|implicit|outfile|server|disk')) ORDER BY name`).body
	golden := filepath.Join("testdata", "reader_settings.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || got != string(want) {
		t.Errorf("settings that a reader can change differ from %s (see them with -update): %v", golden, err)
	}
}

// A function that comes as a parameter's value is none.
func TestParametersNameNoFunction(t *testing.T) {
	s := start(t, Options{Reader: "default", unwalled: []string{wallSystem}})
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{"SELECT {f:Identifier}('" + file + "')", "SELECT * APPLY({f:Identifier}) FROM (SELECT '" + file + "')", "SELECT * FROM {f:Identifier}('" + file + "')", "SELECT {f:Identifier}({p:String})"} {
		if a := s.post(t, url.Values{"param_f": {"file"}, "param_p": {file}}, sql); strings.Contains(a.body, secret) {
			t.Errorf("%s: %s", sql, a.body)
		}
	}
	if a := s.post(t, url.Values{"param_t": {"one"}, "param_d": {"system"}, "param_v": {"file"}}, "SELECT {v:String} FROM {d:Identifier}.{t:Identifier}"); a.status != http.StatusForbidden && a.body != "file\n" {
		t.Errorf("a table's name as a parameter: %d %s", a.status, a.body)
	}
}
