package main

import (
	"bytes"
	"errors"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each mutation of the list still has its code, makes Go, and has its test.
func TestMutationsApply(t *testing.T) {
	f, err := os.Open("mutations.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only read
	list, err := parse(f)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 20 {
		t.Errorf("%d mutations", len(list))
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		t.Run(m.name, func(t *testing.T) {
			files, err := m.apply(root)
			if err != nil {
				t.Fatal(err)
			}
			for path, text := range files {
				if _, err := parser.ParseFile(token.NewFileSet(), path, text, 0); err != nil && filepath.Ext(path) == ".go" {
					t.Error(err)
				}
			}
			if !hasTest(t, filepath.Join(root, m.pkg), m.test) {
				t.Errorf("%s has no test %s", m.pkg, m.test)
			}
		})
	}
}

func hasTest(t *testing.T, dir, pattern string) bool {
	t.Helper()
	top, _, _ := strings.Cut(pattern, "/")
	names, err := regexp.Compile(top)
	if err != nil {
		t.Fatal(err)
	}
	tests, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range tests {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, test := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllSubmatch(text, -1) {
			if names.Match(test[1]) {
				return true
			}
		}
	}
	return false
}

// tiny is a module with a guard.
var tiny = map[string]string{
	"go.mod":       "module tiny\n\ngo 1.24\n",
	"tiny.go":      "package tiny\n\nfunc Half(n int) int {\n\tif n < 0 {\n\t\treturn 0\n\t}\n\treturn n / 2\n}\n",
	"tiny_test.go": "package tiny\n\nimport \"testing\"\n\nfunc TestHalf(t *testing.T) {\n\tif Half(-2) != 0 {\n\t\tt.Error(\"negative\")\n\t}\n}\n\nfunc TestOther(t *testing.T) {}\n\nfunc TestBad(t *testing.T) { t.Error(1) }\n",
}

// What becomes of a mutation: a test fails, none does, and what makes it none.
func TestWhatBecomesOfAMutation(t *testing.T) {
	root := t.TempDir()
	for name, text := range tiny {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := repository{root}
	for name, tc := range map[string]struct {
		list string
		want error // nil: killed
	}{
		"killed":           {"= x\ntest . ^TestHalf$\nfile tiny.go\n-\tif n < 0 {\n+\tif false {\n", nil},
		"survives":         {"= x\ntest . ^TestOther$\nfile tiny.go\n-\tif n < 0 {\n+\tif false {\n", errSurvived},
		"does not compile": {"= x\ntest . ^TestHalf$\nfile tiny.go\n-\treturn n / 2\n+\treturn m / 2\n", errBuild},
		"no such test":     {"= x\ntest . ^TestNone$\nfile tiny.go\n-\tif n < 0 {\n+\tif false {\n", errNoTest},
		"fails anyway":     {"= x\ntest . ^TestBad$\nfile tiny.go\n-\tif n < 0 {\n+\tif false {\n", errBefore},
	} {
		t.Run(name, func(t *testing.T) {
			list, err := parse(strings.NewReader(tc.list))
			if err != nil {
				t.Fatal(err)
			}
			err = r.survey(t.Context(), list[0])
			if err == nil {
				err = r.kill(t.Context(), list[0])
			}
			if !errors.Is(err, tc.want) || tc.want == nil && err != nil {
				t.Errorf("error %v, want %v", err, tc.want)
			}
		})
	}
	if text, err := os.ReadFile(filepath.Join(root, "tiny.go")); err != nil || string(text) != tiny["tiny.go"] {
		t.Error("the file is another")
	}
}

// The list of one that survives, or of none, is a failure.
func TestRunFailsUnlessAllAreKilled(t *testing.T) {
	root := t.TempDir()
	for name, text := range tiny {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list := filepath.Join(root, "list.txt")
	const killed = "= one\ntest . ^TestHalf$\nfile tiny.go\n-\tif n < 0 {\n+\tif false {\n"
	t.Chdir(root)
	for name, tc := range map[string]struct{ list, only, want, says string }{
		"killed":        {killed, "", "", "1 of 1 killed"},
		"one survives":  {killed + "\n= two\ntest . ^TestOther$\nfile tiny.go\n-\tif n < 0 {\n+\tif false {\n", "", "1 of 2", "two: SURVIVED"},
		"code is gone":  {strings.Replace(killed, "n < 0", "n <= 0", 1), "", "1 of 1", "has these lines 0 times"},
		"none matches":  {killed, "three", "0 of 0", "0 of 0 killed"},
		"not a list":    {"killed\n", "", "line 1", ""},
		"an edit twice": {killed + killed, "", "twice", ""},
	} {
		if err := os.WriteFile(list, []byte(tc.list), 0o600); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		err := run(t.Context(), &out, list, tc.only)
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) || !strings.Contains(out.String(), tc.says) {
			t.Errorf("%s: %v\n%s", name, err, &out)
		}
	}
}

func TestListsThatAreNotValid(t *testing.T) {
	for name, tc := range map[string]struct{ list, want string }{
		"code before a name":   {"-\tx\n", "begins with ="},
		"no test":              {"= a\nfile f\n-x\n+y\n", "it has no test"},
		"no edit":              {"= a\ntest . T\nfile f\n", "it changes nothing"},
		"no file":              {"= a\ntest . T\n-x\n+y\n", "an edit has no file"},
		"the same":             {"= a\ntest . T\nfile f\n-x\n+x\n", "changes nothing"},
		"in before out":        {"= a\ntest . T\nfile f\n+x\n", "comes after"},
		"a package alone":      {"= a\ntest .\n", "want: test PACKAGE TESTS"},
		"something else":       {"= a\nhello\n", "want =, test"},
		"apart from what goes": {"= a\ntest . T\nfile f\n-x\n\n+y\n", "comes after"},
	} {
		if _, err := parse(strings.NewReader(tc.list)); !errors.Is(err, errList) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
