package pipeline

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// What a store cannot make durable is not taken for done: the sync that goes on reads the
// same pages again, whichever store it was.
func TestPagesAreDoneOnceTheirRowsAreDurable(t *testing.T) {
	base := t.TempDir()
	w := warehouse(t, base)
	var content strings.Builder
	var want []string
	for i := range 8 {
		content.WriteString(claimLine(strconv.Itoa(i), monday, "1") + "\n")
		want = append(want, strconv.Itoa(i)+"|1|1.0000")
	}
	for name, store := range map[string]struct {
		lose, mend func(lake, database string) error
	}{
		"Parquet": {
			func(lake, _ string) error { return replaced(filepath.Join(lake, "runs", "*")) },
			func(lake, _ string) error { return removed(filepath.Join(lake, "runs", "*")) },
		},
		"archive": {
			func(lake, _ string) error { return removed(filepath.Join(lake, "archive", "*")) },
			func(string, string) error { return nil },
		},
		"ClickHouse": {
			func(_, database string) error { return w.exec(database, "RENAME TABLE claim_item_v TO away") },
			func(_, database string) error { return w.exec(database, "RENAME TABLE away TO claim_item_v") },
		},
	} {
		t.Run(name, func(t *testing.T) {
			lake, database := filepath.Join(base, name), "lost_"+name
			own := &Warehouse{Store: w.another(t, database)}
			o := options(t, lake, own)
			o.Kind, o.Resume, o.Archive, o.Workers = "sync", true, true, 1
			lost := false
			o.before = func(step string) error {
				if step != "checkpoint" || lost {
					return nil
				}
				lost = true
				return store.lose(lake, database)
			}
			s := &server{content: content.String()}
			if _, err := Run(t.Context(), o, s); err == nil || !lost {
				t.Fatalf("what cannot be written is no error: %v", err)
			}
			if err := store.mend(lake, database); err != nil {
				t.Fatal(err)
			}
			o.before = nil
			if r, err := Run(t.Context(), o, s); err != nil || r.Counts.Lines != 8 || r.Run.Number != 1 {
				t.Fatalf("run %d, %+v, %v", r.Run.Number, r.Counts, err)
			}
			if got, stored := items(t, lake), own.stored(t); !slices.Equal(got, want) || !slices.Equal(stored, want) {
				t.Errorf("the lake has %v, ClickHouse %v", got, stored)
			}
		})
	}
}

// exec is a statement of ClickHouse's owner.
func (w *Warehouse) exec(database, sql string) error {
	q := url.Values{"database": {database}, "user": {w.engine.User}, "password": {w.engine.Password}}
	answer, err := http.Post("http://"+w.engine.Addr+"/?"+q.Encode(), "text/plain", strings.NewReader(sql)) //nolint:noctx // a test's
	if err != nil {
		return err
	}
	defer answer.Body.Close() //nolint:errcheck // read whole
	if text, _ := io.ReadAll(answer.Body); answer.StatusCode != http.StatusOK {
		return errors.New(string(text))
	}
	return nil
}

// removed takes away what there is by a pattern.
func removed(pattern string) error {
	found, err := filepath.Glob(pattern)
	if len(found) == 0 {
		return errors.Join(err, errors.New(pattern+" is not there"))
	}
	for _, path := range found {
		err = errors.Join(err, os.RemoveAll(path))
	}
	return err
}

// replaced puts a file in the place of a folder, so that nothing can be written there.
func replaced(pattern string) error {
	found, err := filepath.Glob(pattern)
	if err = errors.Join(err, removed(pattern)); err == nil {
		err = os.WriteFile(found[0], nil, 0o600)
	}
	return err
}
