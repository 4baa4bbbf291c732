package pipeline

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/claimlake/claimlake/internal/archive"
	"github.com/claimlake/claimlake/internal/ledger"
	"github.com/claimlake/claimlake/internal/seal"
)

// inUse reads all that the lake in dir keeps sealed, and gives the ids of the keys that it
// is sealed with: archive, quarantine, ledger and records.
func inUse(ctx context.Context, l *ledger.Ledger, dir string) (map[uint32]bool, error) {
	used := map[uint32]bool{}
	add := func(piece []byte) error {
		id, ok := seal.KeyOf(piece)
		if !ok {
			return seal.ErrSealed
		}
		used[id] = true
		return nil
	}
	if err := eachArchived(ctx, l, dir, add); err != nil {
		return nil, err
	}
	err := filepath.WalkDir(filepath.Join(dir, "quarantine"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".sealed") {
			return err
		}
		return withStart(path, 0, add)
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	texts, err := l.SealedTexts(ctx)
	if err != nil {
		return nil, err
	}
	records, err := readRecords(dir)
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		texts = append(texts, sealedText.FindAllString(string(r), -1)...)
	}
	for _, text := range texts {
		piece, err := base64.StdEncoding.DecodeString(text[strings.IndexByte(text, ':')+1:])
		if err := errors.Join(err, add(piece)); err != nil {
			return nil, err
		}
	}
	return used, nil
}

var sealedText = regexp.MustCompile(`\bsealed:[A-Za-z0-9+/]+=*`)

func eachArchived(ctx context.Context, l *ledger.Ledger, dir string, do func([]byte) error) error {
	paths, err := l.ArchivePaths(ctx)
	if err != nil {
		return err
	}
	for _, path := range paths {
		pages, err := l.ArchivedIn(ctx, path)
		if err != nil {
			return err
		}
		for _, p := range pages {
			if place := archive.Place(p); !place.IsSealed() {
				continue
			}
			if err := withStart(filepath.Join(dir, "archive", filepath.FromSlash(p.Path)), p.Position, do); err != nil {
				return fmt.Errorf("%s: %w", p.Path, err)
			}
		}
	}
	return nil
}

// withStart calls do with the first bytes of a piece in a file.
func withStart(path string, at int64, do func([]byte) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	start := make([]byte, 16)
	n, err := f.ReadAt(start, at)
	if n < len(start) && err != nil && err != io.EOF { //nolint:errorlint // a short piece has no key
		return err
	}
	return do(start[:n])
}
