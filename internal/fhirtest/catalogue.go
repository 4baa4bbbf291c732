package fhirtest

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// deletedName is the file with the Bundles of an export's deleted files.
const deletedName = "deleted.ndjson"

// catalogue knows the files of a folder. It looks at the folder each time it is
// asked and reads a file again only when its size or time has changed.
type catalogue struct {
	dir, temp string

	mu       sync.Mutex // of what follows
	unpacked map[stamp]string
	cuts     map[cutKey][]piece
}

type cutKey struct {
	stamp
	limit int64
}

func newCatalogue(dir, temp string) *catalogue {
	return &catalogue{dir: dir, temp: temp, unpacked: map[stamp]string{}, cuts: map[cutKey][]piece{}}
}

// contents are the files of the folder at one time.
type contents struct {
	sources []source // by file name
	deleted string   // path, "" where there is none
}

// warm reads the whole folder, so that mistakes in it show at once and the first export is fast.
func (c *catalogue) warm(limit int64) error {
	now, err := c.read()
	if err != nil {
		return err
	}
	for _, s := range now.sources {
		if _, err := c.pieces(s, limit); err != nil {
			return err
		}
	}
	return nil
}

func (c *catalogue) read() (contents, error) {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return contents{}, fmt.Errorf("read the folder with NDJSON: %w", err)
	}
	var now contents
	for _, entry := range entries {
		name := strings.TrimSuffix(entry.Name(), ".gz")
		if entry.IsDir() || !strings.HasSuffix(name, ".ndjson") {
			continue
		}
		path, err := c.plain(filepath.Join(c.dir, entry.Name()))
		if err != nil {
			return contents{}, err
		}
		if name == deletedName {
			now.deleted = path
		} else if err := now.add(path); err != nil {
			return contents{}, err
		}
	}
	return now, nil
}

func (now *contents) add(path string) error {
	resourceType, err := typeOf(path)
	if err != nil || resourceType == "" {
		return err
	}
	st, err := stampOf(path)
	now.sources = append(now.sources, source{st, resourceType})
	return err
}

func (now contents) ofType(resourceType string) []source {
	return slices.DeleteFunc(slices.Clone(now.sources), func(s source) bool { return s.resourceType != resourceType })
}

// plain returns the path of the uncompressed file.
func (c *catalogue) plain(path string) (string, error) {
	if !strings.HasSuffix(path, ".gz") {
		return path, nil
	}
	st, err := stampOf(path)
	if err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.unpacked[st] == "" {
		unpacked, err := unpack(path, c.temp)
		if err != nil {
			return "", fmt.Errorf("decompress %s: %w", path, err)
		}
		c.unpacked[st] = unpacked
	}
	return c.unpacked[st], nil
}

func unpack(path, temp string) (string, error) {
	in, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = in.Close() }()
	r, err := gzip.NewReader(in)
	if err != nil {
		return "", err
	}
	out, err := os.CreateTemp(temp, "source-*.ndjson")
	if err != nil {
		return "", err
	}
	if _, err := io.Copy(out, r); err != nil {
		_ = out.Close()
		return "", err
	}
	return out.Name(), out.Close()
}

// pieces returns how s is split into files of about limit bytes.
func (c *catalogue) pieces(s source, limit int64) ([]piece, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := cutKey{s.stamp, limit}
	if known, ok := c.cuts[key]; ok {
		return known, nil
	}
	pieces, err := cut(s.path, limit)
	if err == nil {
		c.cuts[key] = pieces
	}
	return pieces, err
}
