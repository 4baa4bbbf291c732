package clickhouse

import (
	"context"
	"flag"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"pgregory.net/rapid"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/load/embedded"
)

// usualChecks is how many histories are drawn, of which one takes half a second; -rapid.checks
// overrides it.
const usualChecks = "8"

// The test binary is also the embedded engine's process.
func TestMain(m *testing.M) {
	embedded.Child()
	checks := usualChecks
	if os.Getenv("CLAIMLAKE_SOAK") != "" {
		checks = "200"
	}
	if err := flag.Set("rapid.checks", checks); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// engine starts a real ClickHouse, or skips loudly when libchdb is missing.
func engine(t testing.TB, dir string) *embedded.Server {
	t.Helper()
	if _, err := embedded.Locate(""); err != nil && os.Getenv("CLAIMLAKE_REQUIRE_LIBCHDB") == "" {
		t.Skipf("NOT TESTED: %v", err)
	}
	srv, err := embedded.Start(context.Background(), embedded.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	return srv
}

// kill ends an engine as a crash does, and waits for the one that follows.
func kill(t testing.TB, srv *embedded.Server) {
	t.Helper()
	pid := srv.Pid()
	must(t, syscall.Kill(pid, syscall.SIGKILL))
	for srv.Pid() == pid {
		time.Sleep(10 * time.Millisecond)
	}
}

// open connects to a database of an engine.
func open(t testing.TB, srv *embedded.Server, database string) *Store {
	t.Helper()
	s, err := Open(context.Background(), Options{
		Addr: srv.Addr, HTTP: true, User: srv.User, Database: database,
		Password: func() (string, error) { return srv.Password, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// store is a database of its own in a fresh engine.
func store(t testing.TB) *Store {
	t.Helper()
	return open(t, engine(t, t.TempDir()), "")
}

// forget takes all rows away, so that cases may have the same runs: to make the tables for
// each of them takes longer than most cases.
func (s *Store) forget(t rapid.TB) {
	t.Helper()
	for _, table := range []string{"_promoted", "claim_v", "claim_item_v"} {
		must(t, s.conn.Exec(context.Background(), "TRUNCATE TABLE "+name(table)))
	}
}

// lines reads an answer as lines of values joined by "|".
func (s *Store) lines(t rapid.TB, sql string) []string {
	t.Helper()
	rows, err := s.Query(context.Background(), sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer rows.Close() //nolint:errcheck // read only
	var out []string
	for rows.Next() {
		values, err := rows.Row()
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		texts := make([]string, len(values))
		for i, v := range values {
			texts[i] = v.Text
			if v.Null {
				texts[i] = "NULL"
			}
		}
		out = append(out, strings.Join(texts, "|"))
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return out
}

// schema makes a table of the resource Claim; its columns come before the
// lineage columns.
func schema(name string, key []string, fields ...arrow.Field) *arrow.Schema {
	t := table.Table{Name: name, Resource: "Claim", Description: "It's a test.", Key: key, Root: "claim", Mapping: "test@1"}
	return t.Schema(append(fields, lineage.Fields()...))
}

var code32 = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}

// claims are a root table and a child table, as small as they can be.
func claims() []*arrow.Schema {
	return []*arrow.Schema{
		schema("claim", []string{"id"},
			table.Field("id", arrow.BinaryTypes.String, false, "id", "id", "Logical id"),
			table.Field("note", code32, true, "code", "note", "What the resource says")),
		schema("claim_item", []string{"claim_id", "position"},
			table.Field("claim_id", arrow.BinaryTypes.String, false, "id", "$.id", "The claim"),
			table.Field("position", arrow.PrimitiveTypes.Int32, false, "integer", "@position", "Place in the claim"),
			table.Field("note", code32, true, "code", "note", "What the line says")),
	}
}

// origin is where the rows of a test come from.
type origin struct {
	source  string
	run     string
	line    int64
	hash    uint64
	version time.Time
	deleted bool
	again   bool // loaded once more
}

// addLineage fills in the lineage columns of one row, the last of b's.
func addLineage(t rapid.TB, b *array.RecordBuilder, o origin) {
	t.Helper()
	at := b.Schema().NumFields() - len(lineage.Fields())
	text := func(i int, v string) {
		if err := b.Field(at + i).(*array.BinaryDictionaryBuilder).AppendString(v); err != nil {
			t.Fatal(err)
		}
	}
	instant := func(i int, v time.Time) {
		b.Field(at + i).(*array.TimestampBuilder).Append(arrow.Timestamp(v.UnixMicro()))
	}
	text(0, o.source)
	text(1, o.run)
	file := "file-1"
	if o.again {
		file = lineage.AgainFile(1, file)
	}
	text(2, file)
	b.Field(at + 3).(*array.Int64Builder).Append(o.line)
	instant(4, o.version)
	instant(5, o.version)
	text(6, "test@1")
	b.Field(at + 7).(*array.Uint64Builder).Append(o.hash)
	instant(8, o.version)
	b.Field(at + 9).(*array.BooleanBuilder).Append(o.deleted)
}

// build makes a batch with fill and releases it at the test's end.
func build(t rapid.TB, s *arrow.Schema, fill func(*array.RecordBuilder)) arrow.Record {
	t.Helper()
	b := array.NewRecordBuilder(memory.NewGoAllocator(), s)
	defer b.Release()
	fill(b)
	return b.NewRecord()
}

func must(t rapid.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
