package embedded

import "testing"

func TestParseStatement(t *testing.T) {
	for name, tc := range map[string]struct {
		sql, verb, format, infile, data string
		bad                             bool
	}{
		"select":                        {sql: "select 1", verb: "SELECT"},
		"format":                        {sql: "SELECT 1 FORMAT CSV", verb: "SELECT", format: "CSV"},
		"in brackets":                   {sql: "(SELECT 1) UNION ALL (SELECT 2)", verb: "SELECT"},
		"comment first":                 {sql: "/* a; /* b */ */ -- c;\nSHOW TABLES", verb: "SHOW"},
		"semicolon in a string":         {sql: `SELECT ';', 'it\';', "a;b", ` + "`;`" + `, $x$;$x$`, verb: "SELECT"},
		"outfile in a string":           {sql: "SELECT 'INTO OUTFILE x'", verb: "SELECT"},
		"two statements":                {sql: "SELECT 1; SELECT 2", verb: "SELECT", bad: true},
		"outfile":                       {sql: "SELECT 1 into\noutfile 'x'", verb: "SELECT", bad: true},
		"infile":                        {sql: "INSERT INTO t FROM INFILE 'x'", verb: "INSERT", bad: true},
		"insert native":                 {sql: "INSERT INTO t (a, b) FORMAT Native", verb: "INSERT", format: "Native", infile: "INSERT INTO t (a, b)  FROM INFILE 'f'  FORMAT Native"},
		"insert with rows":              {sql: "INSERT INTO t FORMAT CSV\n1;2", verb: "INSERT", format: "CSV", data: "1;2", infile: "INSERT INTO t  FROM INFILE 'f'  FORMAT CSV"},
		"insert with settings":          {sql: "INSERT INTO t SETTINGS a = 1 FORMAT CSV", verb: "INSERT", format: "CSV", infile: "INSERT INTO t  FROM INFILE 'f' SETTINGS a = 1  FORMAT CSV"},
		"insert values":                 {sql: "INSERT INTO t VALUES ('FORMAT x; y')", verb: "INSERT", format: "Values", data: "('FORMAT x; y')", infile: "INSERT INTO t  FROM INFILE 'f'  FORMAT Values"},
		"insert select":                 {sql: "INSERT INTO t SELECT 1", verb: "INSERT"},
		"insert into a column 'format'": {sql: "INSERT INTO t (format, x) VALUES (1, 2)", verb: "INSERT", format: "Values", data: "(1, 2)", infile: "INSERT INTO t (format, x)  FROM INFILE 'f'  FORMAT Values"},
		"never ends":                    {sql: "SELECT 'abc", verb: "SELECT"},
		"comment never ends":            {sql: "SELECT 1 /* abc", verb: "SELECT"},
		"nothing":                       {sql: " ; ", bad: false, verb: ""},
	} {
		t.Run(name, func(t *testing.T) {
			st, err := parseStatement(tc.sql)
			if (err != nil) != tc.bad {
				t.Fatalf("error %v", err)
			}
			if st.verb != tc.verb || !tc.bad && (st.format != tc.format || st.data != tc.data || st.insert != (tc.infile != "")) {
				t.Errorf("got %+v", st)
			}
			if st.insert && st.fromFile("f") != tc.infile {
				t.Errorf("from a file: %s", st.fromFile("f"))
			}
		})
	}
}

func FuzzParseStatement(f *testing.F) {
	f.Add("INSERT INTO t (a) SETTINGS x=1 FORMAT CSV\n1;2")
	f.Add("SELECT $a$ ; $a$, 'x\\', /* /* */ `b")
	f.Fuzz(func(_ *testing.T, sql string) { _, _ = parseStatement(sql) })
}
