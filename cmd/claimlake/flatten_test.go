package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// command runs a command and gives its exit code and what it printed.
func command(t *testing.T, args ...string) (code int, out, problems string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	return runOn(t.Context(), args, &stdout, &stderr), stdout.String(), stderr.String()
}

func put(t *testing.T, path, content string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const goodClaim = `{"resourceType":"Claim","id":"c1","status":"active","item":[{"sequence":1,"net":{"value":1.10,"currency":"USD"}}]}` + "\n"

func TestFlattenAndQueryGiveTheSameMoney(t *testing.T) {
	dir := t.TempDir()
	lake := newLake(t, filepath.Join(dir, "lake"))
	in := put(t, filepath.Join(dir, "in", "claims.ndjson"), goodClaim)
	for _, want := range []string{"1 loaded, 0 unchanged", "0 loaded, 1 unchanged"} {
		if code, out, problems := command(t, "flatten", filepath.Dir(in), "--lake", lake); code != exitDone || !strings.Contains(out, want) {
			t.Fatalf("exit %d: %s%s; want %s", code, out, problems, want)
		}
	}
	own := []string{"--lake", lake} // each command starts an engine
	answers := func(where []string, format, sql, want string) {
		t.Helper()
		code, out, problems := command(t, append([]string{"query", "--format", format, sql}, where...)...)
		if code != exitDone || !strings.Contains(out, want) || want == "" && out != "" {
			t.Errorf("%s: exit %d: %q%s", format, code, out, problems)
		}
	}
	const all, none = "SELECT claim_id, net, net_currency FROM claim_item", "SELECT claim_id, net FROM claim_item WHERE claim_id = 'none'"
	answers(own, "csv", all, "claim_id,net,net_currency\nc1,1.1000,USD\n")
	answers(own, "parquet", all, "PAR1") // which the embedded engine alone writes
	answers(own, "parquet", none, "PAR1")
	if code, _, problems := command(t, "query", "--lake", lake, "DROP TABLE claim_v"); code != exitFailed || !strings.Contains(problems, "only SELECT") {
		t.Errorf("a query that changes tables: exit %d, %s", code, problems)
	}
	served := []string{"--config", serveLake(t, lake)} // an engine for all of them
	for format, want := range map[string]string{
		"csv":      "claim_id,net,net_currency\nc1,1.1000,USD\n",
		"json":     "[\n  " + `{"claim_id":"c1","net":1.1000,"net_currency":"USD"}` + "\n]\n",
		"jsonl":    `{"claim_id":"c1","net":1.1000,"net_currency":"USD"}` + "\n",
		"table":    "│ c1       │ 1.1000 │ USD          │",
		"markdown": "| c1 | 1.1000 | USD |",
	} {
		answers(served, format, all, want)
	}
	for format, want := range map[string]string{"csv": "claim_id,net\n", "json": "[]\n", "jsonl": "", "table": "│ claim_id │ net │", "markdown": "| claim_id | net |"} {
		answers(served, format, none, want)
	}
}

// Each bad input gets one clear line, and what is good of it is loaded.
func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	put(t, in("bad-line.ndjson"), goodClaim+`{"resourceType":"Claim","id":SECRET}`+"\n")
	put(t, in("truncated.ndjson"), goodClaim+`{"resourceType":"Claim","id":"SECRET`)
	put(t, in("latin1.ndjson"), goodClaim+"{\"resourceType\":\"Claim\",\"id\":\"SECRET\",\"status\":\"\xe9\"}\n")
	put(t, in("no-type.ndjson"), goodClaim+`{"id":"SECRET"}`+"\n")
	put(t, in("empty.ndjson"), "")
	put(t, in("page.ndjson"), "<html>\n<p>SECRET</p>\n</html>\n")
	put(t, in("picture.ndjson"), "\x89PNG\x00SECRET")
	put(t, in("other/letter.txt"), "SECRET")
	put(t, in("unmapped.ndjson"), `{"resourceType":"Basic","id":"1"}`+"\n")
	for name, tc := range map[string]struct {
		args []string
		code int
		want string // in what is printed
	}{
		"a line that is not JSON":           {[]string{in("bad-line.ndjson")}, exitRejected, "1 lines could not be used"},
		"a truncated last line":             {[]string{in("truncated.ndjson")}, exitRejected, "1 loaded"},
		"invalid UTF-8":                     {[]string{in("latin1.ndjson")}, exitRejected, "1 rejected"},
		"no resource type":                  {[]string{in("no-type.ndjson")}, exitRejected, "1 rejected"},
		"an empty file":                     {[]string{in("empty.ndjson")}, exitDone, "0 lines of 1 files"},
		"a type without a mapping":          {[]string{in("unmapped.ndjson")}, exitDone, "1 of types without a mapping"},
		"no NDJSON at all":                  {[]string{in("page.ndjson")}, exitFailed, "not one of 3 lines could be used"},
		"a binary file":                     {[]string{in("picture.ndjson")}, exitFailed, "picture.ndjson: not NDJSON: it is binary"},
		"a file that is not there":          {[]string{in("missing.ndjson")}, exitFailed, "missing.ndjson: no such file or directory"},
		"a folder without NDJSON":           {[]string{in("other")}, exitFailed, "no NDJSON file below"},
		"an output folder of somebody else": {[]string{in("empty.ndjson"), "--lake", in("other")}, exitFailed, "the folder holds something else"},
		"no argument":                       {nil, exitUsage, "requires at least 1 arg"},
		"a mapping folder that is missing":  {[]string{in("empty.ndjson"), "--schemas", in("nowhere")}, exitUsage, "nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			lake := filepath.Join(t.TempDir(), "lake")
			code, out, problems := command(t, append([]string{"flatten", "--parquet-only", "--lake", lake}, tc.args...)...)
			if code != tc.code || !strings.Contains(out+problems, tc.want) {
				t.Errorf("exit %d, want %d: %s%s; want %q", code, tc.code, out, problems, tc.want)
			}
			if strings.Contains(out+problems, "SECRET") {
				t.Errorf("content in the output: %s%s", out, problems)
			}
			parts, _ := filepath.Glob(filepath.Join(lake, "runs", "*", "*", "*"))
			if code == exitFailed && len(parts) > 0 {
				t.Errorf("a run that failed left %v", parts)
			}
		})
	}
}

// What lies next to the files is named, and fails the command where it looks like data.
func TestFlattenNamesWhatItLeavesOut(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	put(t, in("a/EOB.NDJSON"), goodClaim)
	put(t, in("a/README.md"), "read me")
	put(t, in("b/eob.ndjson"), goodClaim)
	put(t, in("b/part-00000"), strings.Replace(goodClaim, "c1", "c2", 1))
	put(t, in("c/bundle.json"), "{\n\"resourceType\": \"Bundle\",\n\"type\": \"collection\", \"entry\": [\n{\"resource\": "+goodClaim+"}, {\"response\": {}}]}")
	put(t, in("d/lines.ndjson"), goodClaim+`{"resourceType":"Bundle","entry":[]}`+"\n"+`{"resourceType":"OperationOutcome","issue":[{"severity":"error"}]}`+"\n"+`{"resourceType":"OperationOutcome","issue":[{"severity":"information"}]}`+"\n")
	put(t, in("e/cut.json"), "{\n\"resourceType\": \"Bundle\",\n\"type\": \"collection\", \"entry\": [\n{\"resource\": "+goodClaim)
	for name, tc := range map[string]struct {
		args []string
		code int
		want []string
	}{
		"capital letters, and a note":      {[]string{in("a")}, exitDone, []string{"1 loaded", "info: left_out " + in("a/README.md") + ": not named as NDJSON"}},
		"a file that is not named so":      {[]string{in("b")}, exitRejected, []string{"1 loaded", "warn: left_out " + in("b/part-00000") + ": looks like FHIR", "1 files that look like data were not read", "--include"}},
		"that is asked for":                {[]string{in("b"), "--include", "part-*"}, exitDone, []string{"2 loaded"}},
		"that is named":                    {[]string{in("b/part-00000")}, exitDone, []string{"1 loaded"}},
		"a Bundle over several lines":      {[]string{in("c")}, exitRejected, []string{"1 loaded", "1 rejected", "1 lines could not be used"}},
		"Bundles and outcomes among lines": {[]string{in("d")}, exitRejected, []string{"1 loaded", "1 of types without a mapping", "2 rejected", "fail: outcomes: 1 lines are OperationOutcomes of errors"}},
		"a Bundle that is cut short":       {[]string{in("e")}, exitFailed, []string{"cut.json: the file ends inside its JSON"}},
		"a pattern that is none":           {[]string{in("b"), "--include", "["}, exitUsage, []string{"syntax error in pattern"}},
	} {
		t.Run(name, func(t *testing.T) {
			lake, report := filepath.Join(t.TempDir(), "lake"), filepath.Join(t.TempDir(), "run.json")
			code, out, problems := command(t, append([]string{"flatten", "--parquet-only", "--report", report, "--lake", lake}, tc.args...)...)
			for _, want := range tc.want {
				if code != tc.code || !strings.Contains(out+problems, want) {
					t.Errorf("exit %d, want %d: %s%s; want %q", code, tc.code, out, problems, want)
				}
			}
			text, _ := os.ReadFile(report)
			if left := strings.Contains(out, "left_out"); left != strings.Contains(string(text), "left_out") {
				t.Errorf("on the terminal %v, in the report %s", left, text)
			}
		})
	}
}

func TestMissingEngineSaysTheWaysOut(t *testing.T) {
	t.Setenv("CLAIMLAKE_LIBCHDB", filepath.Join(t.TempDir(), "nowhere.so"))
	in := put(t, filepath.Join(t.TempDir(), "claims.ndjson"), goodClaim)
	code, _, problems := command(t, "flatten", in, "--lake", filepath.Join(t.TempDir(), "lake"))
	if code != exitFailed || !strings.Contains(problems, "make libchdb") || !strings.Contains(problems, "--parquet-only") {
		t.Errorf("exit %d: %s", code, problems)
	}
}
