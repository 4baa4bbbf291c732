package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"pgregory.net/rapid"
)

// hostile is what a terminal may obey: it sets the window's title, clears the screen,
// turns text around, and rings.
const hostile = "\x1b]0;owned\x07\x1b[2J\u009b31m\x7f\u202egnorw\u2066\r\b"

// shows reports a character that a terminal obeys.
func shows(text string) (rune, bool) {
	for _, r := range text {
		if obeyed(r) || r == utf8.RuneError {
			return r, true
		}
	}
	return 0, false
}

// However a text comes, in what pieces, nothing of it is obeyed, and the rest stays.
func TestPlainTextIsNotObeyed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SliceOf(rapid.OneOf(rapid.Byte(), rapid.SampledFrom([]byte(hostile+"äöü€𝄞\n\t")))).Draw(t, "text")
		var out bytes.Buffer
		p := newPlain(&out)
		for rest := text; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "piece")
			if written, err := p.Write(rest[:n]); written != n || err != nil {
				t.Fatal(written, err)
			}
			rest = rest[n:]
		}
		p.end()
		if r, bad := shows(out.String()); bad {
			t.Errorf("%q has %U", out.String(), r)
		}
		if want := printable(string(text)); out.String() != want {
			t.Errorf("in pieces %q, at once %q", out.String(), want)
		}
	})
	if got := printable("Müller\tß €\n𝄞 \U0001F600"); got != "Müller\tß €\n𝄞 \U0001F600" {
		t.Errorf("changed %q", got)
	}
}

// hostileServer answers whatever is asked with names and words of that kind.
func hostileServer(t *testing.T) string {
	t.Helper()
	quoted, err := json.Marshal(hostile)
	if err != nil {
		t.Fatal(err)
	}
	var web *httptest.Server
	web = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Progress", "50%\u202e\u009b")
		switch {
		case strings.HasSuffix(r.URL.Path, "/metadata"):
			_, _ = fmt.Fprintf(w, `{"resourceType":"CapabilityStatement","fhirVersion":%s,"software":{"name":%s},"rest":[{"resource":[{"type":%s}]}]}`, quoted, quoted, quoted)
		case strings.HasSuffix(r.URL.Path, "$export"):
			w.Header().Set("Content-Location", web.URL+"/status")
			w.WriteHeader(http.StatusAccepted)
		case r.URL.Path == "/status":
			_, _ = fmt.Fprintf(w, `{"transactionTime":"2026-01-01T00:00:00Z","request":%s,"requiresAccessToken":false,"output":[{"type":%s,"url":%q},{"type":"Patient","url":%q}],"error":[]}`, quoted, quoted, web.URL+"/file/"+"%1b%5b2J", web.URL+"/file/2")
		case strings.HasPrefix(r.URL.Path, "/file/"):
			_, _ = fmt.Fprintf(w, `{"resourceType":"Patient","id":%s,"name":[{"family":%s}]}`+"\n"+`{"resourceType":%s}`+"\n", quoted, quoted, quoted)
		default:
			w.Header().Set("Content-Type", "application/fhir+json")
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprintf(w, `{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"invalid","diagnostics":%s}]}`, quoted)
		}
	}))
	t.Cleanup(web.Close)
	return web.URL
}

// Nothing that a server, a file or its name says reaches a terminal as more than text,
// whatever the command.
func TestNoCommandLetsItsInputDriveTheTerminal(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	quoted, err := json.Marshal(hostile)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(`{"resourceType":"Patient","id":X,"gender":X,"birthDate":X,"name":[{"family":X}],"extension":[{"url":X,"valueString":X}],"X":1}
{"resourceType":"Claim","id":"c","status":X,"patient":{"reference":X}}
{"resourceType":X}
{"X
`, "X", string(quoted))
	name := "X" + strings.ReplaceAll(hostile, "/", "") + ".ndjson"
	folder := in("d" + hostile)
	file := put(t, filepath.Join(folder, name), text+hostile+"\n")
	put(t, filepath.Join(folder, "part"+hostile), text)
	broken := put(t, in("broken"+hostile+".yaml"), "source: {name: a, "+string(quoted)+": 1}\n")
	settings := put(t, in("claimlake.yaml"), "source: {name: 's', url: '"+hostileServer(t)+"'}\nlake: {dir: '"+in("synced")+"'}\nlimits: {file_retries: 1, run_retries: 1}\nwarehouse: {mode: none}\n")
	lake := newLake(t, in("lake"))
	loaded := []string{"--lake", lake}

	// What stands after the names of a command, one command line or several.
	lines := map[string][][]string{
		"flatten":           {{folder, "--lake", lake, "--archive", "forever"}, {file + hostile}, {folder, "--include", hostile + "[", "--parquet-only", "--lake", in("l2")}},
		"audit export":      {loaded, append(loaded, "--format", "fhir")},
		"audit prune":       {append(loaded, "--keep", hostile)},
		"audit report":      {loaded},
		"audit restart":     {{"--reason", hostile, "--lake", lake}},
		"audit verify":      {loaded},
		"cancel":            {{hostile, "--config", settings}},
		"config check":      {{broken}, {in(hostile)}},
		"config init":       {{broken}},
		"coverage":          {{folder}, {folder, "--json"}},
		"export":            {{"--to", in("out" + hostile), "--config", settings}},
		"hooks list":        {loaded},
		"hooks deliver":     {{"--config", settings}},
		"keys check":        {{file}},
		"keys generate":     {{"--out", in("k" + hostile)}},
		"keys jwks":         {{file}},
		"lake verify":       {loaded},
		"ledger rebuild":    {loaded},
		"policy check":      {{broken}, {"--config", settings}},
		"policy keygen":     {{"--out", in("p" + hostile)}},
		"promote":           {{"--accept", hostile, "--reason", hostile, "--config", settings}},
		"quarantine list":   {loaded},
		"quarantine replay": {append([]string{"1"}, loaded...)},
		"quarantine show":   {append([]string{"1", "0001", "4"}, loaded...), append([]string{hostile, hostile, "4"}, loaded...)},
		"query": {
			append([]string{"SELECT concat(char(27), '[2J')"}, loaded...), append([]string{"SELECT * FROM patient", "--format", "csv"}, loaded...), append([]string{"SELECT '" + hostile}, loaded...),
		},
		"reflatten":      {loaded},
		"resume":         {{hostile, "--config", settings}},
		"runs":           {loaded, append([]string{"1"}, loaded...), append([]string{hostile}, loaded...)},
		"schema":         {{hostile}, {}},
		"schema check":   {{broken}},
		"schema migrate": {{"--rebuild", "--config", settings}},
		"schema test":    {{broken, "--input", folder}, {put(t, in("patient.yaml"), watchedMapping), "--input", folder}, {in("patient.yaml"), "--input", folder, "--json"}},
		"schema views":   {{"--duckdb", lake}},
		"seal keygen":    {{"--out", in("s" + hostile)}},
		"seal rewrap":    {{"--config", settings}},
		"seal rotate":    {{"--config", settings}},
		"source check":   {{"--config", settings}},
		"sync":           {{"--dry-run", "--config", settings}, {"--config", settings, "--log-level", "debug"}, {"--config", broken}},
		"trace":          {append([]string{"patient", hostile}, loaded...), append([]string{"patient", hostile, "--raw"}, loaded...), append([]string{hostile, hostile}, loaded...)},
		"version":        {{}, {hostile}},
		"warehouse":      {{"--listen", hostile, "--lake", lake}},
		"warehouse fill": {loaded},
		"view run":       {{put(t, in("view.json"), watchedView), folder}, {broken, folder}},
		"view test":      {{broken}},
	}
	apart := []string{"demo", "demo data", "demo server", "doctor"} // these have data of their own only

	told := map[string]bool{} // commands that showed some of it, as text
	order := append([]string{"flatten", "sync"}, sorted(lines)...)
	for _, name := range order {
		for _, args := range lines[name] {
			var out, problems bytes.Buffer
			screen, errors := newPlain(&out), newPlain(&problems)
			screen.terminal = true
			code := runPlain(t.Context(), append(strings.Fields(name), args...), screen, errors)
			if r, bad := shows(out.String() + problems.String()); bad {
				t.Errorf("%s %q: exit %d: %U in %q", name, args, code, r, out.String()+problems.String())
			}
			told[name] = told[name] || strings.Contains(out.String()+problems.String(), `\u001b`)
		}
	}
	for _, name := range []string{"flatten", "runs", "query", "coverage", "config check", "quarantine show", "source check", "sync"} {
		if !told[name] {
			t.Errorf("%s shows nothing that is hostile: the test is of no use", name)
		}
	}
	for _, name := range leaves(newRootCmd(), "") {
		if lines[name] == nil && !slices.Contains(apart, name) && !strings.HasPrefix(name, "completion") && name != "help" {
			t.Errorf("nobody tries what %s prints", name)
		}
	}
	if entries, err := os.ReadDir(lake); err != nil || len(entries) == 0 {
		t.Errorf("nothing was loaded: %v", err)
	}
}

func sorted[V any](m map[string]V) (names []string) {
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// leaves are the commands that do something.
func leaves(cmd *cobra.Command, above string) (names []string) {
	for _, sub := range cmd.Commands() {
		name := strings.TrimSpace(above + " " + sub.Name())
		if sub.Runnable() && !isParent(sub) {
			names = append(names, name)
		}
		names = append(names, leaves(sub, name)...)
	}
	return names
}

// Other programs get values as they are.
func TestDataForProgramsIsNotChanged(t *testing.T) {
	dir := t.TempDir()
	in := put(t, filepath.Join(dir, "in.ndjson"), `{"resourceType":"Patient","id":"1","gender":"a\u001bb\u009bc"}`+"\n")
	lake := newLake(t, filepath.Join(dir, "lake"))
	if code, _, problems := command(t, "flatten", in, "--lake", lake); code != exitDone {
		t.Fatal(problems)
	}
	if _, out, problems := command(t, "query", "--lake", lake, "--format", "csv", "SELECT gender FROM patient"); !strings.Contains(out, "a\x1bb\u009bc") {
		t.Errorf("%q%s", out, problems)
	}
}
