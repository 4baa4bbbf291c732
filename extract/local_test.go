package extract

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func write(t *testing.T, path string, content []byte) string {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, content, 0o600)); err != nil {
		t.Fatal(err)
	}
	return path
}

func zip(t *testing.T, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(content))
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstandard(t *testing.T, content string) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll([]byte(content), nil)
}

// joined reads a local file through its pages.
func joined(t *testing.T, path string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	f, err := openLocalFile(path)
	if err != nil {
		return "", err
	}
	for p, err := range f.Pages(t.Context(), NewBuffers(1)) {
		if err != nil {
			return out.String(), err
		}
		out.Write(p.Data)
	}
	return out.String(), nil
}

func TestLocalFilesAreTheSamePlainOrCompressed(t *testing.T) {
	dir, text := t.TempDir(), strings.Repeat(`{"resourceType":"Claim"}`+"\n", 9000)
	for name, content := range map[string][]byte{
		"a.ndjson": []byte(text), "b.ndjson.gz": zip(t, text), "c.ndjson.zst": zstandard(t, text),
		"two gzip members.gz": append(zip(t, text[:1000]), zip(t, text[1000:])...),
	} {
		if got, err := joined(t, write(t, filepath.Join(dir, name), content)); err != nil || got != text {
			t.Errorf("%s: %d bytes of %d, %v", name, len(got), len(text), err)
		}
	}
}

func TestLocal(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	for _, name := range []string{"d/a.ndjson", "d/b.jsonl.gz", "d/deep/c.json.zst", "d/notes.txt", "claims.data", "none/readme.md"} {
		write(t, in(name), []byte("{}\n"))
	}
	write(t, in("picture.ndjson"), []byte("\x89PNG\x00\x01"))
	write(t, in("cut.ndjson.gz"), zip(t, "{}\n")[:12])
	for name, tc := range map[string]struct {
		paths []string
		want  []string
		err   string
	}{
		"a folder is its NDJSON files":        {[]string{"d"}, []string{"d/a.ndjson", "d/b.jsonl.gz", "d/deep/c.json.zst"}, ""},
		"a file is itself, whatever its name": {[]string{"claims.data"}, []string{"claims.data"}, ""},
		"named twice, read once":              {[]string{"d/a.ndjson", "d/a.ndjson"}, []string{"d/a.ndjson"}, ""},
		"a folder without any":                {[]string{"none"}, nil, "no NDJSON file below " + in("none")},
		"one that is not there":               {[]string{"missing"}, nil, "read " + in("missing") + ": no such file or directory"},
		"a binary file":                       {[]string{"picture.ndjson"}, nil, "not NDJSON: it is binary"},
		"a gzip file that ends early":         {[]string{"cut.ndjson.gz"}, nil, "read " + in("cut.ndjson.gz") + ": unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			var paths, want []string
			for _, p := range tc.paths {
				paths = append(paths, in(p))
			}
			for _, w := range tc.want {
				want = append(want, in(w))
			}
			list, err := ListLocal(paths, nil)
			var got []string
			for _, f := range list.Files {
				got = append(got, f.Path)
			}
			if tc.err == "" && (err != nil || !slices.Equal(got, want)) {
				t.Errorf("got %v, %v", got, err)
			}
			if tc.err != "" && (err == nil || !strings.Contains(err.Error(), tc.err)) {
				t.Errorf("error %v, want %s", err, tc.err)
			}
		})
	}
}

func TestFileThatEndsEarlyIsAnError(t *testing.T) {
	whole := zip(t, strings.Repeat("{\"a\":1}\n", 1000)+"end")
	path := write(t, filepath.Join(t.TempDir(), "x.gz"), whole[:len(whole)-6])
	if _, err := joined(t, path); err == nil {
		t.Error("a gzip file without its trailer was taken for whole")
	}
}

// What is in a folder is read, or named.
func TestAFolderIsReadOrNamed(t *testing.T) {
	dir, line := t.TempDir(), patientA+"\n"
	in := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	const outside, read, named, loud = "", "read", "named", "loud"
	want := map[string]string{}
	add := func(name, what string, content []byte) {
		write(t, in(name), content)
		if what != outside {
			want[in(name)] = what
		}
	}
	add("d/eob.fhir.json", read, []byte(line))
	add("d/EOB.NDJSON", read, []byte(line))
	add("d/Eob.Jsonl.GZ", read, zip(t, line))
	add("d/eob.ndjson.gzip", read, zip(t, line))
	add("d/eob.ndjson.zstd", read, zstandard(t, line))
	add("d/plain.ndjson.gz", read, []byte(line))
	add("d/compressed.ndjson", read, zip(t, line))
	add("d/empty.ndjson", read, nil)
	add("d/deep/er/x.json", read, []byte(line))
	add("d/part-00000", loud, []byte(line))
	add("d/part-00001.gz", loud, zip(t, line))
	add("d/bundle.txt", loud, []byte(bundleOf("collection", patientA)))
	add("d/eob.ndjson.bak", loud, []byte(line))
	add("d/export.zip", loud, []byte("PK\x03\x04..."))
	add("d/export.tar.gz", loud, zip(t, strings.Repeat("\x00", 257)+"ustar\x00"))
	add("d/eob.ndjson.xz", loud, []byte("\xfd7zXZ\x00..."))
	add("d/claims.parquet", loud, []byte("PAR1..."))
	add("d/patient.xml", loud, []byte(`<Patient xmlns="http://hl7.org/fhir">`))
	add("d/wide", loud, []byte("{\x00\"\x00"))
	add("d/README.md", named, []byte("# read me"))
	add("d/_SUCCESS", named, nil)
	add("d/._eob.ndjson", named, []byte("\x00\x05\x16\x07"))
	add("d/.git/x.ndjson", outside, []byte(line))
	want[in("d/.git")] = named
	add("d/lake/ledger.db", outside, []byte("SQLite format 3\x00"))
	add("d/lake/records/1.json", outside, []byte("{}"))
	want[in("d/lake")] = named
	add("elsewhere/linked", outside, []byte(line))
	add("elsewhere/folder/y.ndjson", outside, []byte(line))
	for link, target := range map[string]string{
		"d/link.ndjson": "elsewhere/linked", "d/same.ndjson": "d/EOB.NDJSON", "d/loop": "d", "d/other": "elsewhere/folder", "d/dangling": "nowhere",
	} {
		if err := os.Symlink(in(target), in(link)); err != nil {
			t.Skip(err)
		}
	}
	want[in("d/link.ndjson")], want[in("d/other/y.ndjson")], want[in("d/dangling")] = read, read, named
	if err := syscall.Mkfifo(in("d/pipe.ndjson"), 0o600); err != nil {
		t.Skip(err)
	}
	want[in("d/pipe.ndjson")] = loud // to open it would wait for a writer

	got := map[string]string{}
	list, err := ListLocal([]string{in("d"), in("d/deep"), in("d/EOB.NDJSON")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list.Files {
		if got[f.Path] != "" {
			t.Errorf("%s comes twice", f.Path)
		}
		got[f.Path] = read
	}
	for _, s := range list.Skipped {
		if got[s.Path] = named; s.Data {
			got[s.Path] = loud
		}
		if s.Why == "" {
			t.Errorf("%s: nothing says why it is left out", s.Path)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	list, err = ListLocal([]string{in("d")}, []string{"part-*", "*.txt"})
	if err != nil || len(list.Files) != 11+3 {
		t.Errorf("with patterns %d files, %v", len(list.Files), err)
	}
	if _, err := ListLocal([]string{in("d")}, []string{"part-["}); err == nil {
		t.Error("a pattern that is none was taken")
	}
	for path, want := range map[string]string{in("d/lake"): "it is a lake", in("d/export.zip"): "a zip archive: unpack it", in("d/eob.ndjson.xz"): "run unxz on it"} {
		if _, err := ListLocal([]string{path}, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
}

// A pipe can be opened once only.
func TestAPipeIsRead(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	text := strings.Repeat(claimB+"\n", 9000)
	go func() { _ = os.WriteFile(pipe, zip(t, text), 0o600) }()
	list, err := ListLocal([]string{pipe}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := 0
	for p, err := range list.Files[0].Pages(t.Context(), NewBuffers(1)) {
		if err != nil {
			t.Fatal(err)
		}
		got += len(p.Data)
	}
	if got != len(text) {
		t.Errorf("%d bytes of %d", got, len(text))
	}
}
