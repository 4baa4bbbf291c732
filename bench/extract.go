package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// encodings and connections are what downloads are measured with.
var (
	encodings   = []string{"identity", "gzip"}
	connections = []int{1, 4}
)

// servedFileBytes is about how long a file of an export is.
const servedFileBytes = 32 << 20

// extracting measures exports from a Bulk Data server on this machine into files,
// next to curl, which downloads the same files of an export that is done: it does not
// wait for one, checks nothing and makes nothing durable.
func (o options) extracting(ctx context.Context, file, work string) ([]result, error) {
	data := filepath.Join(work, "served")
	if err := serveOnly(data, file); err != nil {
		return nil, err
	}
	var contenders []contender
	for _, encoding := range encodings {
		url, stop, err := startServer(ctx, data, encoding, servedFileBytes)
		if err != nil {
			return nil, err
		}
		defer stop()
		for _, n := range connections {
			list, err := o.downloads(url, encoding, n, work)
			if err != nil {
				return nil, err
			}
			contenders = append(contenders, list...)
		}
	}
	runs, err := race(ctx, contenders, work, o.runs)
	if err != nil {
		return nil, err
	}
	list, err := extractFigures(runs, work)
	if err != nil {
		return nil, err
	}
	large := filepath.Join(work, "served-large")
	if err := repeat(filepath.Join(large, resourceType+".ndjson"), file, resumedBytes); err != nil {
		return nil, err
	}
	resumed, err := o.resuming(ctx, large, work)
	return append(list, resumed), err
}

// serveOnly makes a folder with one file.
func serveOnly(dir, file string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	abs, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	name := filepath.Join(dir, resourceType+".ndjson")
	return errors.Join(os.RemoveAll(name), os.Symlink(abs, name))
}

func downloadCase(who, encoding string, n int) string {
	return fmt.Sprintf("extract/%s-%s-%d", who, encoding, n)
}

// downloads are claimlake's and curl's ways to get all files from a server.
func (o options) downloads(url, encoding string, n int, work string) ([]contender, error) {
	ours, theirs := downloadCase("claimlake", encoding, n), downloadCase("curl", encoding, n)
	config, list := filepath.Join(work, strings.ReplaceAll(ours, "/", "-")+".yaml"), filepath.Join(work, strings.ReplaceAll(theirs, "/", "-")+".txt")
	text := fmt.Sprintf("source: {name: bench, url: %q}\nexport: {types: [%s]}\nlimits: {downloads: %d}\n", url, resourceType, n)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	lines, err := curlList(url, folder(work, theirs))
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(list, []byte(lines), 0o600); err != nil {
		return nil, err
	}
	return []contender{
		{ours, func(out string) []string { return []string{o.claimlake, "export", "--config", config, "--to", out} }},
		{theirs, func(string) []string { return curl(n, list) }},
	}, nil
}

// curl is the command that downloads a list, so many files at once.
func curl(n int, list string) []string {
	return []string{"curl", "--silent", "--show-error", "--fail", "--compressed", "--parallel", "--parallel-max", fmt.Sprint(n), "--config", list}
}

// curlList is what curl is told: the files of an export, and where to put them.
func curlList(url, out string) (string, error) {
	urls, err := export(url)
	var lines strings.Builder
	for i, u := range urls {
		fmt.Fprintf(&lines, "url = %q\noutput = %q\n", u, filepath.Join(out, fmt.Sprintf("%d.ndjson", i)))
	}
	return lines.String(), err
}

// export asks a server for an export that is done at once, and gives its files' URLs.
func export(base string) (urls []string, err error) {
	req, err := http.NewRequest(http.MethodGet, base+"/$export?_type="+resourceType, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Prefer", "respond-async")
	req.Header.Set("Accept", "application/fhir+json")
	started, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	_ = started.Body.Close()
	status, err := http.Get(started.Header.Get("Content-Location"))
	if err != nil {
		return nil, err
	}
	defer status.Body.Close() //nolint:errcheck // only read
	var manifest struct{ Output []struct{ URL string } }
	body, err := io.ReadAll(status.Body)
	if err == nil {
		err = json.Unmarshal(body, &manifest)
	}
	for _, f := range manifest.Output {
		urls = append(urls, f.URL)
	}
	if err == nil && len(urls) == 0 {
		err = fmt.Errorf("the export has no files: %s", status.Status)
	}
	return urls, err
}

// extractFigures compares, after a look whether both have the same bytes.
func extractFigures(runs map[string][]usage, work string) (list []result, err error) {
	for _, encoding := range encodings {
		for _, n := range connections {
			ours, curl := downloadCase("claimlake", encoding, n), downloadCase("curl", encoding, n)
			mine, err := ndjsonBytes(folder(work, ours))
			if err != nil {
				return nil, err
			}
			if theirs, err := ndjsonBytes(folder(work, curl)); err != nil || theirs != mine {
				return nil, fmt.Errorf("%s has %d bytes, curl %d: %w", ours, mine, theirs, err)
			}
			list = append(list, result{Case: ours, Value: wall(runs[ours]), Unit: "s", Ratio: wall(runs[curl]) / wall(runs[ours]),
				Note: fmt.Sprintf("curl %.2f s; %.0f MB, peak %.0f MB", wall(runs[curl]), float64(mine)/1e6, peak(runs[ours]))})
		}
	}
	return list, nil
}

func ndjsonBytes(dir string) (size int64, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.ndjson"))
	for _, f := range files {
		st, err := os.Stat(f)
		if err != nil {
			return 0, err
		}
		size += st.Size()
	}
	return size, err
}
