package embedded

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

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
