package pipeline

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

// Stores with as many rows, of other lines, differ.
func TestStoresWithOtherLinesDiffer(t *testing.T) {
	base := t.TempDir()
	w := warehouse(t, base)
	o := options(t, filepath.Join(base, "lake"), &Warehouse{Store: w.another(t, "other_lines")})
	o.Kind = "sync"
	s := &server{content: claimLine("1", monday, "1") + "\n" + claimLine("2", monday, "2") + "\n"}
	if _, err := Run(t.Context(), o, s); err != nil {
		t.Fatal(err)
	}
	if err := w.exec("other_lines", "ALTER TABLE claim_v UPDATE _hash = _hash + 1 WHERE id = '1' SETTINGS mutations_sync = 2"); err != nil {
		t.Fatal(err)
	}
	s.content += claimLine("3", monday, "3") + "\n"
	r, err := Run(t.Context(), o, s)
	if !errors.Is(err, ErrDiffer) || len(r.Findings) == 0 || r.Findings[0].Subject != "claim" || !strings.Contains(r.Findings[0].Text, "other lines") {
		t.Errorf("findings %+v, %v", r.Findings, err)
	}
}
