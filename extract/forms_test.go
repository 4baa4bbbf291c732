package extract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"
)

const (
	patientA = `{"resourceType":"Patient","id":"a","name":[{"family":"Ünïcødé \"\\ ","given":["x","y"]}]}`
	claimB   = `{"resourceType":"Claim","id":"b","total":{"value":1.10,"currency":"USD"},"item":[{"sequence":1}]}`
	listC    = `{"entry":[{"item":{"reference":"Patient/a"}}],"id":"c","resourceType":"List"}`
)

// forms are the ways in which people keep resources in files.
var forms = map[string]func(resources []string) string{
	"one a line":                        func(r []string) string { return strings.Join(r, "\n") + "\n" },
	"without a last newline":            func(r []string) string { return strings.Join(r, "\n") },
	"CRLF":                              func(r []string) string { return strings.Join(r, "\r\n") + "\r\n" },
	"blank lines":                       func(r []string) string { return "\n \n" + strings.Join(r, "\n\n") + "\n\n" },
	"one after the other":               func(r []string) string { return indented(r...) },
	"an array":                          func(r []string) string { return "[" + strings.Join(r, ",") + "]" },
	"an array over lines":               func(r []string) string { return indented("[" + strings.Join(r, ",") + "]") },
	"an array, lines of it":             func(r []string) string { return "[\n" + strings.Join(r, ",\n") + "\n]\n" },
	"a Bundle":                          func(r []string) string { return bundleOf("collection", r...) },
	"a Bundle over lines":               func(r []string) string { return indented(bundleOf("searchset", r...)) },
	"a Bundle, keys sorted":             sortedBundle,
	"a Bundle, keys sorted, over lines": func(r []string) string { return indented(sortedBundle(r)) },
	"Bundles, one a line": func(r []string) string {
		var b strings.Builder
		for _, x := range r {
			b.WriteString(bundleOf("batch-response", x) + "\n")
		}
		return b.String()
	},
	"Bundles in a Bundle": func(r []string) string {
		return bundleOf("batch-response", bundleOf("searchset", r[0]), bundleOf("searchset", r[1:]...))
	},
	"Bundles in an array": func(r []string) string { return "[" + bundleOf("history", r...) + "]" },
}

func bundleOf(kind string, resources ...string) string {
	var entries []string
	for _, r := range resources {
		entries = append(entries, `{"fullUrl":"urn:uuid:1","resource":`+r+`,"response":{"status":"200"}}`)
	}
	return `{"resourceType":"Bundle","type":"` + kind + `","entry":[` + strings.Join(entries, ",") + `],"total":7}`
}

func sortedBundle(resources []string) string {
	return strings.Replace(strings.Replace(bundleOf("collection", resources...), `"resourceType":"Bundle","type":"collection",`, "", 1), `"total":7`, `"resourceType":"Bundle","total":7`, 1)
}

func indented(values ...string) string {
	var b bytes.Buffer
	for _, v := range values {
		_ = json.Indent(&b, []byte(v), "", "  ")
		b.WriteByte('\n')
	}
	return b.String()
}

func utf16Of(order unicode.Endianness) func(string) []byte {
	return func(text string) []byte {
		out, _ := unicode.UTF16(order, unicode.UseBOM).NewEncoder().Bytes([]byte(text))
		return out
	}
}

var encodings = map[string]func(string) []byte{
	"UTF-8":             func(text string) []byte { return []byte(text) },
	"UTF-8 with a mark": func(text string) []byte { return append(bytes.Clone(byteOrderMark), text...) },
	"UTF-16LE":          utf16Of(unicode.LittleEndian),
	"UTF-16BE":          utf16Of(unicode.BigEndian),
}

var compressions = map[string]func(*testing.T, []byte) []byte{
	"plain": func(_ *testing.T, b []byte) []byte { return b },
	"gzip":  func(t *testing.T, b []byte) []byte { return zip(t, string(b)) },
	"members": func(t *testing.T, b []byte) []byte {
		return append(zip(t, string(b[:len(b)/2])), zip(t, string(b[len(b)/2:]))...)
	},
	"zstd": func(t *testing.T, b []byte) []byte { return zstandard(t, string(b)) },
	"frames": func(t *testing.T, b []byte) []byte {
		return append(zstandard(t, string(b[:1])), zstandard(t, string(b[1:]))...)
	},
	"twice":    func(t *testing.T, b []byte) []byte { return zip(t, string(zip(t, string(b)))) },
	"zstd, gz": func(t *testing.T, b []byte) []byte { return zip(t, string(zstandard(t, string(b)))) },
}

// Whatever form resources are kept in, the lines are the same.
func TestResourcesAreTheSameInAnyForm(t *testing.T) {
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		resources := rapid.SliceOfN(rapid.SampledFrom([]string{patientA, claimB, listC, strings.Replace(claimB, "USD", strings.Repeat("€\\n", 90_000), 1)}), 1, 5).Draw(rt, "resources")
		form := rapid.SampledFrom(sorted(forms)).Draw(rt, "form")
		encoding := rapid.SampledFrom(sorted(encodings)).Draw(rt, "encoding")
		compression := rapid.SampledFrom(sorted(compressions)).Draw(rt, "compression")
		n++
		path := write(t, filepath.Join(dir, fmt.Sprint(n)), compressions[compression](t, encodings[encoding](forms[form](resources))))
		got, err := joined(t, path)
		if err != nil {
			rt.Fatal(err)
		}
		var lines []string
		for line := range strings.Lines(got) {
			if line = strings.TrimPrefix(strings.TrimSpace(line), string(byteOrderMark)); line != "" {
				lines = append(lines, line)
			}
		}
		want := resources
		if form == "Bundles in a Bundle" && len(resources) == 1 { // the other has no entries
			want = append(slices.Clone(want), bundleOf("searchset"))
		}
		if !slices.Equal(lines, want) {
			rt.Errorf("%d lines, want %d: %.300s", len(lines), len(want), got)
		}
	})
}

func sorted[V any](m map[string]V) (names []string) {
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// What is no resource is a line, too: it goes to quarantine, and is not forgotten.
func TestWhatIsNoResourceIsALine(t *testing.T) {
	deletion := `{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Claim/1"}}]}`
	for name, tc := range map[string]struct {
		text    string
		want    string
		deletes bool
	}{
		"a Bundle without entries":               {indented(`{"resourceType":"Bundle","type":"searchset","total":0}`), `{"resourceType":"Bundle","type":"searchset","total":0}`, false},
		"a Bundle with an empty list":            {bundleOf("searchset"), strings.Replace(bundleOf("searchset"), `"entry":[],`, "", 1), false},
		"an entry without a resource":            {`{"resourceType":"Bundle","entry":[{"resource":` + patientA + `},{"response":{"status":"404"}}]}`, patientA + "\n" + `{"response":{"status":"404"}}`, false},
		"a deletion among changes":               {`{"resourceType":"Bundle","type":"history","entry":[{"resource":` + patientA + `},{"request":{"method":"DELETE","url":"Claim/1"}}]}`, patientA + "\n" + `{"request":{"method":"DELETE","url":"Claim/1"}}`, false},
		"numbers in an array":                    {"[1, null, \"x\", []]", "1\nnull\n\"x\"\n[]", false},
		"deletions":                              {deletion + "\n" + deletion, deletion + "\n" + deletion, true},
		"deletions over lines":                   {indented(deletion), deletion, true},
		"deletions, of which one brings one":     {indented(strings.Replace(deletion, `"url":"Claim/1"}`, `"url":"Claim/1"},"resource":`+patientA, 1)), patientA, false},
		"lines, of which the first is broken":    {`{"resourceType":"Patient","id":` + "\n" + claimB, `{"resourceType":"Patient","id":` + "\n" + claimB, false},
		"lines, of which the first is cut short": {`{"resourceType":"Patient","id":"x` + "\n" + claimB, `{"resourceType":"Patient","id":"x` + "\n" + claimB, false},
		"one line that is cut short":             {`{"resourceType":"Patient","id":"x"`, `{"resourceType":"Patient","id":"x"`, false},
		"an open brace, then lines":              {"{\n" + patientA + "\n", "{\n" + patientA, false},
		"a Bundle among lines":                   {patientA + "\n" + bundleOf("collection", claimB), patientA + "\n" + bundleOf("collection", claimB), false},
		"something after a line":                 {patientA + " x\n" + claimB, patientA + " x\n" + claimB, false},
		"text":                                   {"Dear Sir,\n{}\n", "Dear Sir,\n{}", false},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, filepath.Join(t.TempDir(), "x"), []byte(tc.text))
			got, err := joined(t, path)
			if err != nil || strings.TrimSpace(got) != tc.want {
				t.Errorf("got %s, %v; want %s", got, err, tc.want)
			}
			if f, err := openLocalFile(path); err != nil || f.Deletes != tc.deletes {
				t.Errorf("deletions: %v, %v", f.Deletes, err)
			}
		})
	}
}

// A Bundle is not held in memory: it may be longer than a line.
func TestALongBundleIsReadEntryByEntry(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 80 MB")
	}
	entry := `{"resource":` + strings.Replace(claimB, "USD", strings.Repeat("x", 1<<20), 1) + `},`
	path := filepath.Join(t.TempDir(), "bundle.json")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.WriteString(`{"resourceType":"Bundle","type":"collection","entry":[`)
	for range 80 {
		_, _ = f.WriteString(entry)
	}
	if _, err := f.WriteString(`{"resource":` + patientA + `}]}`); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	list, err := ListLocal([]string{path}, nil)
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for p, err := range list.Files[0].Pages(t.Context(), NewBuffers(1)) {
		if err != nil {
			t.Fatal(err)
		}
		lines += p.Lines
	}
	if lines != 81 {
		t.Errorf("%d lines", lines)
	}
}

// JSON over several lines that breaks is a failure of the file, which names the place
// and quotes nothing.
func TestJSONThatBreaksIsAFailure(t *testing.T) {
	whole := indented(bundleOf("collection", patientA, claimB))
	for name, tc := range map[string]struct{ text, want string }{
		"in the middle":       {whole[:len(whole)/2], "ends inside its JSON, which is whole up to byte"},
		"before the last }":   {strings.TrimRight(whole, "}\n"), "ends inside its JSON"},
		"a comma too many":    {strings.TrimRight(indented("["+patientA+strings.Repeat(","+claimB, 9000)+"]"), "]\n") + ",,]", "broken after byte"},
		"something after it":  {whole + "SECRET", "broken after byte"},
		"a Bundle of nothing": {`{"resourceType":"Bundle","entry":` + "\n" + `{"SECRET":1}}`, "a Bundle's entry is no array"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := joined(t, write(t, filepath.Join(t.TempDir(), "x"), []byte(tc.text)))
			if err == nil || !strings.Contains(err.Error(), tc.want) || strings.Contains(err.Error(), "SECRET") {
				t.Errorf("%v, want %s", err, tc.want)
			}
		})
	}
}
