package extract

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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
	for p, err := range LocalPages(t.Context(), path, NewBuffers(1)) {
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
			got, err := Local(paths)
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
