package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	pq "github.com/parquet-go/parquet-go"
	"github.com/tidwall/gjson"
	"github.com/zeebo/xxh3"
)

// No name, address, number or id of a patient is in any text of any table that was
// loaded under the preset.
func TestSafeHarborOfAllTables(t *testing.T) {
	dir := t.TempDir()
	day, lake, key := filepath.Join(dir, "day"), filepath.Join(dir, "lake"), filepath.Join(dir, "key")
	file := put(t, filepath.Join(dir, "claimlake.yaml"), "source: {name: payer, url: 'https://fhir.example.org'}\npolicy: {preset: safe-harbor, key_file: "+key+"}\n")
	for _, args := range [][]string{{"policy", "keygen", "--out", key}, {"demo", "data", "--out", day, "--patients", "5"}} {
		if code, out, problems := command(t, args...); code != exitDone {
			t.Fatal(out, problems)
		}
	}
	files, err := filepath.Glob(filepath.Join(day, "*.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	if code, out, problems := command(t, append([]string{"flatten", "--parquet-only", "--config", file, "--lake", lake}, files...)...); code != exitDone {
		t.Fatal(out, problems)
	}
	secrets := identifying(t, day)
	if len(secrets) < 30 {
		t.Fatalf("only %d values to look for", len(secrets))
	}
	texts := map[string]bool{}
	tables, err := filepath.Glob(filepath.Join(lake, "current", "*", "*.parquet"))
	if err != nil || len(tables) < 20 {
		t.Fatal(len(tables), err)
	}
	for _, name := range tables {
		for text, column := range textsOf(t, name) {
			texts[text] = true
			if slices.Contains(secrets, text) {
				t.Errorf("%s has a value of a patient", column)
			}
		}
	}
	lineageTellsNothing(t, day, tables)
	if !texts["male"] || !texts["female"] {
		t.Error("the codes of the patients are not among the texts: nothing was looked at")
	}
}

// lineageTellsNothing looks for times and hashes of the lines in the lineage columns.
func lineageTellsNothing(t *testing.T, day string, tables []string) {
	t.Helper()
	times, hashes, patients := map[int64]bool{}, map[uint64]bool{}, map[string]bool{}
	lines, err := filepath.Glob(filepath.Join(day, "*.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range lines {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			hashes[xxh3.HashString(strings.TrimSuffix(line, "\n"))] = true
			if at, err := time.Parse(time.RFC3339Nano, gjson.Get(line, "meta.lastUpdated").Str); err == nil {
				times[at.UnixMicro()] = true
			}
		}
	}
	if len(times) == 0 || len(hashes) == 0 {
		t.Fatal("no times or no lines to look for")
	}
	for _, name := range tables {
		rows, err := pq.ReadFile[struct {
			Hash        uint64 `parquet:"_hash"`
			Version     int64  `parquet:"_version,timestamp(microsecond)"`
			Retrieved   int64  `parquet:"_retrieved_at,timestamp(microsecond)"`
			Transaction int64  `parquet:"_transaction_time,timestamp(microsecond)"`
			Run         string `parquet:"_run_id"`
		}](name)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if times[r.Version] || hashes[r.Hash] {
				t.Fatalf("%s: a version or hash is that of a line", name)
			}
			if id, err := uuid.Parse(r.Run); err != nil || id.Version() != 4 {
				t.Fatalf("%s: run id %s may be of a time: %v", name, r.Run, err)
			}
			for _, micros := range []int64{r.Retrieved, r.Transaction} {
				if time.UnixMicro(micros).UTC().YearDay() != 1 {
					t.Fatalf("%s: a time within the year", name)
				}
			}
		}
		patients[filepath.Base(filepath.Dir(name))] = len(rows) > 0
	}
	if !patients["patient"] {
		t.Error("no patients were looked at")
	}
}

// The archive's line is found by the hash that the policy's key makes, and with another
// key the command says why it cannot be.
func TestRawLineUnderAPolicy(t *testing.T) {
	dir := t.TempDir()
	lake, key := filepath.Join(dir, "lake"), filepath.Join(dir, "key")
	line := `{"resourceType":"Patient","id":"p1","birthDate":"1950-01-02"}`
	file := put(t, filepath.Join(dir, "claimlake.yaml"), "source: {name: payer, url: 'https://fhir.example.org'}\nlake: {dir: "+lake+", archive: forever}\nwarehouse: {mode: none}\npolicy: {columns: [{match: [gender], action: pseudonymise}], key_file: "+key+"}\n")
	for _, args := range [][]string{{"policy", "keygen", "--out", key}, {"flatten", "--config", file, put(t, filepath.Join(dir, "Patient.ndjson"), line+"\n")}} {
		if code, out, problems := command(t, args...); code != exitDone {
			t.Fatal(out, problems)
		}
	}
	if code, out, problems := command(t, "trace", "--config", file, "--raw", "patient", "p1"); code != exitDone || out != line+"\n" {
		t.Errorf("exit %d: %s%s", code, out, problems)
	}
	put(t, key, "another key, which is long enough\n")
	if code, out, problems := command(t, "trace", "--config", file, "--raw", "patient", "p1"); code != exitFailed || out != "" || !strings.Contains(problems, "another key") {
		t.Errorf("exit %d: %s%s", code, out, problems)
	}
}

// identifying are the values of the patients that a Safe Harbor may not have.
func identifying(t *testing.T, day string) (values []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(day, "Patient.000.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		for _, path := range []string{"id", "identifier.#.value", "name.#.family", "name.#.given|@flatten", "address.#.line|@flatten", "address.#.city", "address.#.postalCode", "telecom.#.value", "birthDate"} {
			for _, v := range gjson.Get(line, path).Array() {
				if v.String() != "" {
					values = append(values, v.String(), "Patient/"+v.String())
				}
			}
		}
	}
	return values
}

// textsOf are the texts of a Parquet file that its rows' source gave, and a column of
// each.
func textsOf(t *testing.T, name string) map[string]string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // read only
	st, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	file, err := pq.OpenFile(f, st.Size())
	if err != nil {
		t.Fatal(err)
	}
	texts, columns := map[string]string{}, file.Schema().Columns()
	for _, g := range file.RowGroups() {
		rows := make([]pq.Row, g.NumRows())
		reader := g.Rows()
		n, _ := reader.ReadRows(rows)
		if int64(n) != g.NumRows() {
			t.Fatalf("%s: %d rows of %d", name, n, g.NumRows())
		}
		for _, row := range rows {
			for _, v := range row {
				column := columns[v.Column()][0]
				if v.Kind() == pq.ByteArray && !v.IsNull() && !strings.HasPrefix(column, "_") {
					texts[string(v.ByteArray())] = filepath.Base(filepath.Dir(name)) + "." + column
				}
			}
		}
		_ = reader.Close()
	}
	return texts
}

func TestPolicyMistakes(t *testing.T) {
	dir := t.TempDir()
	open := put(t, filepath.Join(dir, "open"), "0123456789abcdef\n")
	if err := os.Chmod(open, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct{ policy, want string }{
		"an unknown column":           {"{columns: [{match: [patient.shoe_size], action: drop}]}", "patient.shoe_size matches no column"},
		"an unknown preset":           {"{preset: expert}", "there is no preset expert"},
		"no key":                      {"{preset: safe-harbor}", "claimlake policy keygen"},
		"a key that others may read":  {"{preset: safe-harbor, key_file: " + open + "}", "chmod 600"},
		"a list that is not there":    {"{exclude_codes_file: " + filepath.Join(dir, "none") + "}", "policy.exclude_codes_file"},
		"a list without a code":       {"{exclude_codes_file: " + put(t, filepath.Join(dir, "empty"), "# none yet\n") + "}", "has no code"},
		"a flag without a list":       {"{flags: [{label: PSY}]}", "needs a label and a codes_file"},
		"a flag's list is not there":  {"{flags: [{label: PSY, codes_file: " + filepath.Join(dir, "none") + "}]}", "policy.flags"},
		"a source that is not meant":  {"{sources: [other]}", "not among the sources"},
		"a host that is not meant":    {"{hosts: [other.example.org]}", "fhir.example.org is not among the hosts"},
		"everything, where some will": {"{require_elements: true}", "export.elements must say"},
	} {
		t.Run(name, func(t *testing.T) {
			file := put(t, filepath.Join(dir, "claimlake.yaml"), "source: {name: payer, url: 'https://fhir.example.org'}\npolicy: "+tc.policy+"\n")
			for _, args := range [][]string{{"policy", "check", "--config", file}, {"sync", "--config", file, "--dry-run"}, {"flatten", "--config", file, "--lake", filepath.Join(dir, "lake"), "--parquet-only", file}} {
				if code, out, problems := command(t, args...); code != exitUsage || !strings.Contains(problems, tc.want) {
					t.Errorf("%s: exit %d: %s%s", args[0], code, out, problems)
				}
			}
		})
	}
}

// Who runs the check sees that the lists of codes were read.
func TestPolicyCheckTellsOfResources(t *testing.T) {
	dir := t.TempDir()
	hidden := put(t, filepath.Join(dir, "hidden.txt"), "# two\nF11.2\nicd|F11.3\n")
	flagged := put(t, filepath.Join(dir, "flagged.txt"), "F20\n")
	file := put(t, filepath.Join(dir, "claimlake.yaml"), "source: {name: payer, url: 'https://fhir.example.org'}\n"+
		"policy: {exclude_labels: [R, V], exclude_codes_file: "+hidden+", flags: [{label: PSY, codes_file: "+flagged+"}]}\n")
	code, out, problems := command(t, "policy", "check", "--config", file)
	if code != exitDone {
		t.Fatal(out, problems)
	}
	for _, want := range []string{"left out: resources labelled R or V\n", "left out: resources with one of 2 codes\n", "labelled PSY: resources with one of 1 codes\n", "columns are kept as they are\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing:\n%s", want, out)
		}
	}
}
