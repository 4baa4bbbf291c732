package ledger

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/claimlake/claimlake/internal/seal"
)

func keySet(t *testing.T) *seal.Keys {
	t.Helper()
	text, err := seal.Generate(nil)
	must(t, err)
	keys, err := seal.Parse(text, nil)
	must(t, err)
	return keys
}

// What may be a credential is not in the ledger's files, and comes back with the key
// only; what was written before there was a key is still read.
func TestCredentialsAreSealed(t *testing.T) {
	ctx, dir, keys := t.Context(), t.TempDir(), keySet(t)
	l := open(t, dir)
	plain, err := l.Begin(ctx, Run{Source: "payer", Kind: "sync", Mapping: "m"})
	must(t, err)
	must(t, l.SetExport(ctx, plain.ID, "https://h/plain", Pace{}))
	l.SealWith(keys)
	r, err := l.Begin(ctx, Run{Source: "payer", Kind: "sync", Mapping: "m"})
	must(t, err)
	must(t, errors.Join(
		l.SetExport(ctx, r.ID, "https://h/MARKED", Pace{time.Now(), time.Second}), l.AddFiles(ctx, r.ID, []File{{ID: "0001"}}),
		l.Commit(ctx, r.ID, Checkpoint{Pages: []Page{{File: "0001", First: 1, Lines: 1, Token: "MARKED-etag"}}}),
		l.SetPublished(ctx, r.ID, Published{URL: "https://h/MARKED-page", ETag: "e", TransactionTime: time.Now()}),
	))
	r.TransactionTime = time.Now()
	read := func() (url, token string, err error) {
		got, err := l.Run(ctx, r.ID)
		must(t, err)
		pages, err := l.Pages(ctx, r.ID, "0001")
		if err != nil {
			return got.StatusURL, "", errors.Join(err, got.Sealed)
		}
		return got.StatusURL, pages[0].Token, got.Sealed
	}
	if url, token, err := read(); url != "https://h/MARKED" || token != "MARKED-etag" || err != nil {
		t.Errorf("%s, %s, %v", url, token, err)
	}
	files, err := filepath.Glob(filepath.Join(dir, FileName+"*"))
	must(t, err)
	for _, name := range files {
		content, err := os.ReadFile(name)
		must(t, err)
		if bytes.Contains(content, []byte("MARKED")) {
			t.Errorf("%s has it in the clear", filepath.Base(name))
		}
	}
	for _, other := range []*seal.Keys{nil, keySet(t)} {
		l.SealWith(other)
		if url, token, err := read(); url != "" || token != "" || !errors.Is(err, seal.ErrSealed) {
			t.Errorf("without the key: %s, %s, %v", url, token, err)
		}
		if got, err := l.Run(ctx, plain.ID); got.StatusURL != "https://h/plain" || err != nil || got.Sealed != nil {
			t.Errorf("from before: %+v, %v", got, err)
		}
	}
	// Sealed again, all is opened by the new key alone; with the wrong one nothing changes.
	text, err := seal.Generate(nil)
	must(t, err)
	old, err := seal.Parse(text, nil)
	must(t, err)
	rotated, err := seal.Rotate(text, nil)
	must(t, err)
	both, err := seal.Parse(rotated, nil)
	must(t, err)
	short, _, err := seal.Forget(rotated, nil, nil)
	must(t, err)
	rest, err := seal.Parse(short, nil)
	must(t, err)
	l.SealWith(old)
	if err := l.Rewrap(ctx); !errors.Is(err, seal.ErrSealed) {
		t.Errorf("rewrapped without the key: %v", err)
	}
	l.SealWith(keys)
	must(t, errors.Join(l.SetExport(ctx, r.ID, "", Pace{}), l.exec(ctx, "forget", "DELETE FROM mark"), l.exec(ctx, "forget", "UPDATE run SET published_page = NULL")))
	l.SealWith(old)
	must(t, errors.Join(
		l.SetExport(ctx, r.ID, "https://h/MARKED", Pace{}), l.SetPublished(ctx, r.ID, Published{URL: "https://h/MARKED-page", ETag: "e", TransactionTime: time.Now()}),
		l.Commit(ctx, r.ID, Checkpoint{Pages: []Page{{File: "0001", First: 2, Lines: 1, Token: "MARKED-etag"}}}),
	))
	l.SealWith(both)
	must(t, l.Rewrap(ctx))
	l.SealWith(rest)
	got, err := l.Run(ctx, r.ID)
	must(t, err)
	pages, err := l.Pages(ctx, r.ID, "0001")
	must(t, err)
	if got.StatusURL != "https://h/MARKED" || got.Sealed != nil || pages[1].Token != "MARKED-etag" {
		t.Errorf("after sealing again: %+v, %+v", got, pages)
	}
	must(t, l.Promote(ctx, r))
	if p, err := l.LastPublished(ctx, "payer"); p.URL != "https://h/MARKED-page" || err != nil {
		t.Errorf("%+v, %v", p, err)
	}
	l.SealWith(nil)
	if _, err := l.LastPublished(ctx, "payer"); !errors.Is(err, seal.ErrSealed) {
		t.Error(err)
	}
}
