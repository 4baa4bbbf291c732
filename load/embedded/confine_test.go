package embedded

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// secret is what no reader may see, and no listener may be sent.
const secret = "PATIENT-7f3a9c"

// targets are what a statement may reach for: a file with the secret, in several formats,
// and a listener for TCP and UDP that remembers who came.
type targets struct {
	dir, tcp, udp, unix string

	mu      sync.Mutex
	arrived []string
}

func newTargets(t *testing.T) *targets {
	t.Helper()
	dir, err := os.MkdirTemp("", "claimlake-secret-") // short, for a Unix socket's name
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s := &targets{dir: dir, unix: filepath.Join(dir, "socket")}
	for name, text := range map[string]string{"secret": secret + "\n", "secret.csv": secret + "\n", "secret.proto": "// " + secret + "\nnonsense " + secret} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	u, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", s.unix)
	if err != nil {
		t.Fatal(err)
	}
	p, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.tcp, s.udp = l.Addr().String(), p.LocalAddr().String()
	t.Cleanup(func() { _, _, _ = l.Close(), u.Close(), p.Close() })
	for _, l := range []net.Listener{l, u} {
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				s.came("a connection")
				_ = c.Close()
			}
		}()
	}
	go func() {
		b := make([]byte, 64)
		for {
			if _, _, err := p.ReadFrom(b); err != nil {
				return
			}
			s.came("a packet")
		}
	}()
	return s
}

func (s *targets) came(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrived = append(s.arrived, what)
}

// take is what has arrived since.
func (s *targets) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.arrived
	s.arrived = nil
	return out
}

// file is the path of one of the secret's files.
func (s *targets) file(name string) string { return filepath.Join(s.dir, name) }

// tableFunctions are the ways to name the targets in table functions of the engine, by
// the function. Those that are not here are tried with the arguments of anyTableFunction.
func (s *targets) tableFunctions() map[string][]string {
	host, port, _ := net.SplitHostPort(s.tcp)
	path, web, bucket := quoteValue(s.file("secret")), quoteValue("http://"+s.tcp+"/x"), quoteValue("http://"+s.tcp+"/bucket/x.csv")
	lake := quoteValue(s.dir)
	account := quoteValue("DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;BlobEndpoint=http://" + s.tcp + "/a;")
	s3 := []string{bucket + ", 'CSV', 'a String'", bucket, bucket + ", 'k', 's', 'CSV', 'a String'", bucket + ", NOSIGN, 'CSV'"}
	azure := []string{account + ", 'c', 'x.csv', 'CSV', 'auto', 'a String'", account + ", 'c', 'x'"}
	hdfs := []string{quoteValue("hdfs://"+s.tcp+"/x") + ", 'CSV', 'a String'", quoteValue("hdfs://" + s.tcp + "/x")}
	sql := []string{quoteValue(s.tcp) + ", 'd', 't', 'u', 'p'"}
	local := []string{lake, quoteValue(s.dir + "/")}
	args := map[string][]string{
		"file":   {path + ", 'LineAsString', 'l String'", path, path + ", 'RawBLOB'", quoteValue(s.dir+"/*") + ", 'LineAsString'"},
		"url":    {web + ", 'CSV', 'a String'", web, "concat('http://" + s.tcp + "/', (SELECT name FROM system.one AS t, system.databases LIMIT 1)), CSV"},
		"remote": {quoteValue(s.tcp) + ", 'system', 'one'", quoteValue(s.tcp) + ", system.one, 'u', 'p'"}, "remoteSecure": {quoteValue(s.tcp) + ", 'system', 'one'"},
		"mysql": sql, "postgresql": sql, "mongodb": {quoteValue(s.tcp) + ", 'd', 't', 'u', 'p', 'a String'", quoteValue("mongodb://u:p@"+s.tcp+"/d") + ", 't', 'a String'"},
		"redis":  {quoteValue(s.tcp) + ", 'key', 'key String, v String'"},
		"sqlite": {path + ", 't'"}, "executable": {path + ", 'CSV', 'a String'", "'sh -c cat', 'CSV', 'a String'"},
		"odbc": {quoteValue("DSN=x;Server="+host+";Port="+port) + ", 't'", quoteValue("DSN=x") + ", 'd', 't'"}, "jdbc": {quoteValue("jdbc:mysql://"+s.tcp+"/d") + ", 't'"},
		"ytsaurus": {quoteValue("http://"+s.tcp) + ", '//t', 'token', 'a String'"}, "filesystem": {lake, quoteValue(s.dir + "/")},
		"deltaLakeLocal": local, "icebergLocal": local, "paimonLocal": local, "loop": {"file(" + path + ", 'LineAsString', 'l String')", "url(" + web + ", 'CSV', 'a String')"},
		"fileCluster": {"'default', " + path + ", 'LineAsString', 'l String'"}, "urlCluster": {"'default', " + web + ", 'CSV', 'a String'"},
		"view": {"SELECT file(" + path + ")", "SELECT * FROM file(" + path + ", 'LineAsString')"}, "viewIfPermitted": {"SELECT * FROM file(" + path + ", 'LineAsString') ELSE null('x String')"},
		"viewExplain": {"'EXPLAIN', '', (SELECT file(" + path + "))"}, "format": {"'CSV', file(" + path + ")"}, "values": {"'a String', file(" + path + ")"},
		"input": {"'a String'"}, "cluster": {"'default', system.one"}, "clusterAllReplicas": {"'default', system.one"}, "merge": {"'.*', '.*'"},
	}
	for name, list := range map[string][]string{"s3": s3, "gcs": s3, "cosn": s3, "oss": s3, "hudi": s3, "deltaLake": s3, "iceberg": s3, "paimon": s3, "azureBlobStorage": azure, "hdfs": hdfs} {
		args[name] = append(args[name], list...)
	}
	for _, family := range []string{"deltaLake", "iceberg", "paimon"} {
		args[family+"S3"], args[family+"Azure"], args[family+"HDFS"] = s3, azure, hdfs
	}
	return args
}

// anyTableFunction are arguments for those that the engine has beyond these.
func (s *targets) anyTableFunction() []string {
	path, web := quoteValue(s.file("secret")), quoteValue("http://"+s.tcp+"/x.csv")
	return []string{path, web, path + ", 'CSV', 'a String'", web + ", 'CSV', 'a String'", quoteValue(s.tcp) + ", 'd', 't'"}
}

// engines are the table engines' arguments that name the targets.
func (s *targets) engines() []string {
	path, web, bucket := quoteValue(s.file("secret")), quoteValue("http://"+s.tcp+"/x"), quoteValue("http://"+s.tcp+"/bucket/x.csv")
	address := quoteValue(s.tcp)
	return []string{
		"File(LineAsString, " + path + ")", "URL(" + web + ", CSV)", "S3(" + bucket + ", CSV)", "GCS(" + bucket + ", CSV)", "OSS(" + bucket + ", CSV)", "COSN(" + bucket + ", CSV)",
		"HDFS(" + quoteValue("hdfs://"+s.tcp+"/x") + ", CSV)", "MySQL(" + address + ", 'd', 't', 'u', 'p')", "PostgreSQL(" + address + ", 'd', 't', 'u', 'p')",
		"MaterializedPostgreSQL(" + address + ", 'd', 't', 'u', 'p')", "MongoDB(" + address + ", 'd', 't', 'u', 'p')", "Redis(" + address + ") PRIMARY KEY a",
		"SQLite(" + path + ", 't')", "EmbeddedRocksDB(0, " + quoteValue(s.dir) + ") PRIMARY KEY a", "Executable('cat', CSV)", "ExecutablePool('cat', CSV)",
		"FileLog(" + quoteValue(s.dir) + ", 'LineAsString')", "Kafka(" + address + ", 't', 'g', 'CSV')", "NATS SETTINGS nats_url = " + address + ", nats_subjects = 's', nats_format = 'CSV'",
		"IcebergLocal(" + quoteValue(s.dir) + ")", "DeltaLakeLocal(" + quoteValue(s.dir) + ")", "IcebergS3(" + bucket + ")", "DeltaLake(" + bucket + ")", "Hudi(" + bucket + ")",
		"YTsaurus(" + quoteValue("http://"+s.tcp) + ", '//t', 'k')", "Distributed('default', 'system', 'one')", "Memory", "Log", "MergeTree ORDER BY a",
	}
}

// statements are those that are no calls of functions.
func (s *targets) statements() []string {
	path, web := quoteValue(s.file("secret")), quoteValue("http://"+s.tcp+"/x")
	dictionary := func(source string) string {
		return "CREATE DICTIONARY stolen (a String, b String) PRIMARY KEY a SOURCE(" + source + ") LAYOUT(COMPLEX_KEY_HASHED()) LIFETIME(1)"
	}
	host, port, _ := net.SplitHostPort(s.tcp)
	out := []string{
		"SELECT * FROM " + path, "SELECT * FROM `default`.`" + s.file("secret.csv") + "`", "SELECT * FROM `" + s.file("secret.csv") + "`", "DESCRIBE `" + s.file("secret.csv") + "`",
		"SELECT `file`(" + path + ")", "SELECT \"file\"(" + path + ")", "SELECT /* x */ file /* y */ (" + path + ")", "SELECT `f\\x69le`(" + path + ")", "SELECT “file”(" + path + ")",
		"SELECT $a$ ' $a$, file(" + path + "), $a$ ' $a$", "WITH file(" + path + ") AS x SELECT x", "SELECT * APPLY(file) FROM (SELECT " + path + ")", "SELECT * APPLY file FROM (SELECT " + path + ")",
		"SELECT arrayMap(x -> file(x), [" + path + "])", "EXPLAIN SELECT file(" + path + ")", "EXPLAIN SYNTAX SELECT file(" + path + ")", "EXPLAIN QUERY TREE SELECT file(" + path + ")",
		"EXPLAIN PIPELINE INSERT INTO FUNCTION file(" + quoteValue(s.file("out")) + ") SELECT 1", "EXPLAIN TABLE OVERRIDE mysql(" + quoteValue(s.tcp) + ", 'd', 't', 'u', 'p') COLUMNS (a String)",
		"file(" + path + ")", "SELECT\u00a0file(" + path + ")", "SELECT\u2003file\u2003(" + path + ")", "-- x\nSELECT file(" + path + ")", "#! x\nSELECT file(" + path + ")", "SELECT 1; SELECT file(" + path + ")",
		"SELECT 1 WHERE file(" + path + ") != ''", "SELECT 1 FORMAT Template SETTINGS format_template_row = " + path, "SELECT 1 SETTINGS format_template_resultset = " + path + " FORMAT Template",
		"SELECT 1 AS a FORMAT Protobuf SETTINGS format_schema = " + quoteValue(s.file("secret.proto")+":M"), "SELECT 1 AS a FORMAT CapnProto SETTINGS format_schema = " + quoteValue(s.file("secret.proto")+":M"),
		"SELECT 1 AS a FORMAT Protobuf SETTINGS output_format_schema = " + quoteValue(s.file("out.proto")), "SELECT 1 AS a FORMAT AvroConfluent SETTINGS format_avro_schema_registry_url = " + web,
		"SELECT * FROM format(AvroConfluent, 'a String', 'xxxxxxxxxx') SETTINGS format_avro_schema_registry_url = " + web, "DESCRIBE format(AvroConfluent, '\\0\\0\\0\\0\\1x') SETTINGS format_avro_schema_registry_url = " + web,
		"SELECT * FROM format(CSV, 'a UInt8', 'x\n1\n') SETTINGS input_format_allow_errors_num = 1, input_format_record_errors_file_path = " + quoteValue(s.file("out")),
		"SELECT '" + secret + "' INTO OUTFILE " + quoteValue(s.file("out")), "SELECT '" + secret + "' INTO /**/ OUTFILE " + quoteValue(s.file("out")) + " TRUNCATE",
		"INSERT INTO FUNCTION file(" + quoteValue(s.file("out")) + ", 'CSV', 'a String') SELECT '" + secret + "'", "INSERT INTO FUNCTION url(" + web + ", 'CSV', 'a String') SELECT '" + secret + "'",
		"INSERT INTO d.t FROM INFILE " + path + " FORMAT LineAsString",
		"BACKUP TABLE d.t TO File(" + quoteValue(s.file("backup")) + ")", "BACKUP DATABASE d TO S3(" + web + ", 'k', 's')", "BACKUP TABLE d.t TO Disk('default', 'b')", "RESTORE TABLE d.t FROM File(" + path + ")", "RESTORE TABLE d.t AS d.u FROM S3(" + web + ", 'k', 's')",
		"ATTACH TABLE d.u FROM " + path + " (a String) ENGINE = File(LineAsString)", "ATTACH DATABASE u ENGINE = Filesystem(" + quoteValue(s.dir) + ")", "CREATE DATABASE u ENGINE = Filesystem(" + quoteValue(s.dir) + ")",
		"CREATE DATABASE u ENGINE = MySQL(" + quoteValue(s.tcp) + ", 'd', 'u', 'p')", "CREATE DATABASE u ENGINE = PostgreSQL(" + quoteValue(s.tcp) + ", 'd', 'u', 'p')", "CREATE DATABASE u ENGINE = S3(" + web + ")", "CREATE DATABASE u ENGINE = SQLite(" + path + ")", "CREATE DATABASE u ENGINE = DataLakeCatalog(" + web + ") SETTINGS catalog_type = 'rest', warehouse = 'w'",
		"CREATE FUNCTION stolen AS x -> file(x)", "CREATE NAMED COLLECTION c AS url = " + web,
		dictionary("FILE(PATH " + path + " FORMAT LineAsString)"), dictionary("HTTP(URL " + web + " FORMAT CSV)"), dictionary("CLICKHOUSE(HOST '" + host + "' PORT " + port + " TABLE 't')"), dictionary("MYSQL(HOST '" + host + "' PORT " + port + " TABLE 't' DB 'd')"),
		dictionary("POSTGRESQL(HOST '" + host + "' PORT " + port + " TABLE 't' DB 'd')"), dictionary("MONGODB(HOST '" + host + "' PORT " + port + " COLLECTION 't' DB 'd')"), dictionary("REDIS(HOST '" + host + "' PORT " + port + ")"), dictionary("EXECUTABLE(COMMAND 'cat' FORMAT CSV)"),
		"CREATE TABLE d.v AS file(" + path + ", 'LineAsString')", "CREATE VIEW d.v AS SELECT file(" + path + ")",
	}
	for _, engine := range s.engines() {
		out = append(out, "CREATE TEMPORARY TABLE stolen (a String) ENGINE = "+engine, "CREATE TABLE d.stolen (a String) ENGINE = "+engine)
	}
	return out
}

// changes are statements that change something here; the operating system cannot know.
var changes = []string{
	"INSERT INTO d.t VALUES ('x')", "WITH 1 AS x INSERT INTO d.t SELECT toString(x)", "CREATE TEMPORARY TABLE x (a String)", "CREATE MATERIALIZED VIEW d.v ENGINE = Memory AS SELECT 1", "CREATE OR REPLACE TABLE d.t (a String) ENGINE = Memory",
	"CREATE USER u", "GRANT ALL ON *.* TO default", "ALTER USER default SETTINGS readonly = 0", "SET ROLE ALL", "EXECUTE AS default SELECT 1", "(INSERT INTO d.t VALUES (1))", "EXPLAIN ALTER TABLE d.t DELETE WHERE 1", "",
	"SET readonly = 0", "SELECT 1 SETTINGS readonly = 0", "SET dialect = 'kusto'", "SELECT 1 SETTINGS dialect = 'prql'", "SET allow_introspection_functions = 1",
	"SYSTEM SHUTDOWN", "SYSTEM KILL", "SYSTEM RELOAD CONFIG", "SYSTEM STOP MERGES", "SYSTEM FLUSH LOGS", "SYSTEM DROP MARK CACHE", "SYSTEM START LISTEN HTTP", "KILL QUERY WHERE 1", "KILL QUERY WHERE query_id = 'a' OR 1", "KILL MUTATION WHERE 1",
	"DROP TABLE d.t", "TRUNCATE TABLE d.t", "ALTER TABLE d.t DELETE WHERE 1", "DELETE FROM d.t WHERE 1", "UPDATE d.t SET a = '' WHERE 1", "OPTIMIZE TABLE d.t", "RENAME TABLE d.t TO d.u", "EXCHANGE TABLES d.t AND d.u", "DETACH TABLE d.t", "UNDROP TABLE d.t", "CHECK TABLE d.t", "MOVE x", "COPY x", "WATCH d.t", "BEGIN TRANSACTION", "PARALLEL WITH SELECT 1",
}

// calls are all calls of the engine's functions with the targets: of each table function
// as SELECT and DESCRIBE, and of functions with one and two arguments: those with a name
// that says something and some of the others, under CLAIMLAKE_SOAK all.
func (s *targets) calls(ask func(string) []string) []string {
	var out []string
	known, soak := s.tableFunctions(), os.Getenv("CLAIMLAKE_SOAK") != ""
	for _, name := range ask("SELECT name FROM system.table_functions ORDER BY name") {
		args := known[name]
		if len(args) == 0 || soak {
			args = append(args, s.anyTableFunction()...)
		}
		for i, args := range args {
			call := quoteName(name) + "(" + args + ")"
			if out = append(out, "DESCRIBE TABLE "+call); i == 0 || soak {
				out = append(out, "SELECT * FROM "+call+" LIMIT 5")
			}
		}
	}
	path, web := quoteValue(s.file("secret")), quoteValue("http://"+s.tcp+"/x")
	first := []string{path, web, quoteValue(s.tcp)}
	which := "match(name, '(?i)file|path|^ai|catboost|model|dns|host|cert|server|dict|url|sleep|zookeeper|regex|lemma|synonym') OR cityHash64(name, rand(1)) % 30 = 0"
	if soak {
		which = "1"
		first = append(first, quoteValue(s.udp), quoteValue(s.dir), quoteValue("file://"+s.file("secret")), quoteValue(s.unix))
	}
	for _, name := range ask("SELECT name FROM system.functions WHERE NOT is_aggregate AND NOT match(name, '^(sleep|sleepEachRow|throwIf)$') AND (" + which + ") ORDER BY name") {
		for _, a := range first {
			for _, args := range []string{a, a + ", 'a'", "'a', " + a} {
				out = append(out, "SELECT "+quoteName(name)+"("+args+")")
			}
		}
	}
	return out
}

// engine is an engine without some of its walls, as a reader has it while a load has it
// too, and what asks as the reader.
func (s *targets) engine(t *testing.T, unwalled ...string) (srv *Server, ask func(string) answer) {
	t.Helper()
	dir := t.TempDir()
	fill := start(t, Options{Dir: dir, Database: "d", unwalled: unwalled})
	for _, sql := range []string{"CREATE DATABASE d", "CREATE TABLE d.t (a String) ENGINE = MergeTree ORDER BY a", "INSERT INTO d.t VALUES ('row')"} {
		if a := fill.post(t, nil, sql); a.status != http.StatusOK {
			t.Fatalf("%s: %s", sql, a.body)
		}
	}
	if srv = start(t, Options{Dir: dir, Reader: "d"}); srv.Pid() != fill.Pid() {
		t.Fatal("the reader has an engine of its own")
	}
	settings := url.Values{
		"max_execution_time": {"2"}, "http_max_tries": {"1"}, "s3_retry_attempts": {"0"}, "azure_sdk_max_retries": {"0"}, "connect_timeout": {"1"},
	}
	return srv, func(sql string) answer {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second) // where there are no walls it waits for an answer
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+srv.Addr+"/?"+settings.Encode(), strings.NewReader(sql))
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth(srv.User, srv.Password)
		resp, err := http.DefaultClient.Do(req)
		if err != nil && srv.Err() != nil {
			t.Fatalf("%s: %v", sql, srv.Err())
		}
		if err != nil {
			return answer{}
		}
		defer resp.Body.Close() //nolint:errcheck // read only
		text, _ := io.ReadAll(resp.Body)
		return answer{status: resp.StatusCode, body: string(text)}
	}
}

// broke says what a statement got at; "" for nothing.
func (s *targets) broke(a answer, sql string) string {
	switch came := s.take(); {
	case len(came) > 0:
		return strings.Join(came, ", ") + " arrived"
	case strings.Contains(a.body, secret) && !strings.Contains(sql, secret):
		return "the secret was read"
	}
	left, _ := filepath.Glob(filepath.Join(s.dir, "out*"))
	if more, _ := filepath.Glob(filepath.Join(s.dir, "backup*")); len(left)+len(more) > 0 {
		for _, f := range append(left, more...) {
			_ = os.RemoveAll(f)
		}
		return "a file was written"
	}
	return ""
}

// No statement of a reader reads a file, writes one, or reaches a listener, whatever
// function, table engine, format or setting it uses: with ClickHouse's rights and rules
// alone, and with the operating system's alone. With neither, many do.
func TestReaderIsConfined(t *testing.T) {
	walls := map[string][]string{"rules alone": {wallSystem}, "system alone": {wallAccess}, "both": nil}
	for name, unwalled := range walls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTargets(t)
			srv, ask := s.engine(t, unwalled...)
			if len(srv.open) > 0 && !slices.Contains(unwalled, wallSystem) {
				t.Skipf("NOT TESTED: %v", srv.open)
			}
			list := s.statements()
			if name != "both" {
				list = append(list, s.calls(func(sql string) []string { return strings.Fields(srv.post(t, nil, sql).body) })...)
			}
			var at errgroup.Group // statements that wait for a connection that never comes
			at.SetLimit(8)
			for _, sql := range list {
				at.Go(func() error {
					a := ask(sql)
					if what := s.broke(a, sql); what != "" {
						t.Errorf("%s, or one at the same time: %s: %d %.200s", sql, what, a.status, a.body)
					}
					return nil
				})
			}
			_ = at.Wait()
			if name == "system alone" {
				return
			}
			for _, sql := range changes {
				if a := ask(sql); a.status == http.StatusOK {
					t.Errorf("%s is allowed: %s", sql, a.body)
				}
			}
			if a := srv.post(t, nil, "SELECT a FROM d.t"); a.body != "row\n" {
				t.Errorf("after all of them a reader reads %d %s", a.status, a.body)
			}
			t.Logf("%d statements", len(list))
		})
	}
}

// Statements of several kinds break out where there are no walls, so that the list shows
// something.
func TestWithoutWallsAReaderIsFree(t *testing.T) {
	s := newTargets(t)
	_, ask := s.engine(t, wallAccess, wallSystem)
	path := quoteValue(s.file("secret"))
	for _, sql := range []string{
		"SELECT file(" + path + ")", "SELECT * FROM file(" + path + ", 'LineAsString', 'l String')", "DESCRIBE TABLE url('http://" + s.tcp + "/x', 'CSV')",
		"SELECT * FROM mysql('" + s.tcp + "', 'd', 't', 'u', 'p')", "INSERT INTO FUNCTION file(" + quoteValue(s.file("out")) + ", 'CSV', 'a String') SELECT '" + secret + "'",
		"SELECT 1 FORMAT Template SETTINGS format_template_row = " + path + ", format_template_resultset = " + path, "SELECT * APPLY(file) FROM (SELECT " + path + ")",
	} {
		came := ""
		for tries := 0; tries < 20 && came == ""; tries++ { // a busy machine is slower than ask waits
			came = s.broke(ask(sql), sql)
		}
		if came == "" {
			t.Errorf("%s: nothing came of it", sql)
		}
	}
}
