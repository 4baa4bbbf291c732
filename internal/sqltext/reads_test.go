package sqltext

import "testing"

func TestReads(t *testing.T) {
	for sql, reads := range map[string]bool{
		"SELECT 1": true, "select 1": true, "(SELECT 1) UNION ALL (SELECT 2)": true, "WITH 1 AS x SELECT x": true, "FROM t SELECT a": true, "SHOW TABLES": true, "USE d": true, "EXISTS TABLE t": true,
		"DESCRIBE TABLE t": true, "DESC d.t": true, "DESCRIBE TABLE (SELECT 1)": true, "DESCRIBE TABLE url('http://h', CSV)": false, "DESCRIBE TABLE `url`('http://h', CSV)": false,
		"EXPLAIN SELECT 1": true, "EXPLAIN AST SELECT 1": true, "EXPLAIN PLAN indexes = 1 SELECT 1": true, "EXPLAIN INSERT INTO t SELECT 1": false, "EXPLAIN TABLE OVERRIDE mysql('h') COLUMNS (a Int8)": false, "EXPLAIN": false,
		"SELECT file('x')": false, "SELECT `file`('x')": false, "SELECT \"FILE\"('x')": false, "SELECT * APPLY file FROM t": false, "SELECT * APPLY(file) FROM t": false, "SELECT x -> file(x)": false, "EXPLAIN SELECT file(1)": false,
		"SELECT file FROM t": true, "SELECT 'file(1)'": true, "SELECT t.file AS file, _file FROM _file": true, "SELECT fileName(1)": true, "SELECT aiGenerate('x')": false,
		"SELECT 1 INTO OUTFILE 'x'": false, "SELECT 'INTO OUTFILE'": true, "INSERT INTO t VALUES (1)": false, "KILL QUERY WHERE 1": false, "SET a = 1": false, "SYSTEM SHUTDOWN": false, "BACKUP TABLE t TO S3('x')": false, "": false, "(": false, "1 + 1": false,
	} {
		if err := Reads(sql); (err == nil) != reads {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func FuzzReads(f *testing.F) {
	f.Add("EXPLAIN SELECT `file`('x') -- $a$")
	f.Fuzz(func(_ *testing.T, sql string) { _ = Reads(sql) })
}
