package pipeline

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/claimlake/claimlake/transform"
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

// References to what is not loaded are counted, also where there is no ClickHouse: a
// urn:uuid is an id only if a resource has it.
func TestReferencesToNothingAreCounted(t *testing.T) {
	const claims = `
resource: Claim
tables:
  - name: claim
    description: One row per claim.
    key: id
    columns:
      - {name: id, path: id, type: id, description: Logical id}
      - {name: patient, path: patient, type: Reference, description: Whose}
`
	const patients = `
resource: Patient
tables:
  - name: patient
    description: One row per patient.
    key: id
    columns:
      - {name: id, path: id, type: id, description: Logical id}
`
	var mappings []*transform.Mapping
	for _, text := range []string{claims, patients} {
		m, err := transform.ParseMapping("m.yaml", []byte(text))
		must(t, err)
		mappings = append(mappings, m)
	}
	plan, err := transform.Compile(mappings)
	must(t, err)
	const uuid = "0f3c1c2e-93ab-4d4c-9b5f-1f0b3ad4a111"
	var lines []string
	for i, ref := range []string{"Patient/p1", "urn:uuid:" + uuid, "urn:uuid:" + strings.Replace(uuid, "0f", "1f", 1), "Patient/nobody"} {
		lines = append(lines, fmt.Sprintf(`{"resourceType":"Claim","id":"c%d","meta":{"lastUpdated":%q},"patient":{"reference":%q}}`, i, monday, ref))
	}
	for _, id := range []string{"p1", uuid} {
		lines = append(lines, fmt.Sprintf(`{"resourceType":"Patient","id":%q,"meta":{"lastUpdated":%q}}`, id, monday))
	}
	o := options(t, filepath.Join(t.TempDir(), "lake"), nil)
	o.Plan = plan
	r, err := flatten(t, o, write(t, filepath.Join(t.TempDir(), "in.ndjson"), lines...))
	must(t, err)
	for _, f := range r.Findings {
		if f.Check == "orphans" && f.Subject == "claim.patient_id" && f.Found == 2 {
			return
		}
	}
	t.Errorf("findings %+v", r.Findings)
}

// Whatever value of ClickHouse somebody changes, a comparison names its table and column:
// after each sync where it is an amount or a date, and all others where all is compared.
func TestChangedValuesAreTold(t *testing.T) {
	const wide = `
resource: Claim
tables:
  - name: claim
    description: One row per claim.
    key: id
    columns:
      - {name: id, path: id, type: id, description: Logical id}
      - {name: made, path: created, type: date, description: Day}
      - {name: at, path: created, type: instant, description: Time}
      - {name: total, path: total.value, type: "decimal(18,4)", description: Total}
      - {name: use, path: use, type: code, description: Use}
      - {name: note, path: note, type: string, description: Note}
      - {name: active, path: active, type: boolean, description: Active}
      - {name: codes, path: code.#.code, type: list(code), description: Codes}
  - name: claim_item
    description: One row per line.
    rows: item
    key: [claim_id, position]
    columns:
      - {name: claim_id, path: $.id, type: id, description: The claim}
      - {name: position, path: "@position", type: integer, description: Place in the claim}
      - {name: net, path: net.value, type: "decimal(18,4)", description: Net}
`
	line := func(id string, n int) string {
		return fmt.Sprintf(`{"resourceType":"Claim","id":%q,"meta":{"lastUpdated":%q},"created":"2024-0%d-01T00:00:00Z","total":{"value":%d.10},"use":"u%d","note":"n%d","active":%t,"code":[{"code":"a"},{"code":"b%d"}],"item":[{"net":{"value":-%d}},{"net":{"value":0.0001}}]}`+"\n",
			id, monday, n, n, n, n, n%2 == 0, n, n)
	}
	base := t.TempDir()
	w := warehouse(t, base)
	for column, tc := range map[string]struct {
		table, change string
		always        bool // seen after each sync
	}{
		"made":             {"claim", "made = '1999-01-01'", true},
		"at":               {"claim", "at = at + toIntervalMicrosecond(1)", true},
		"total":            {"claim", "total = total + toDecimal64(0.0001, 4)", true},
		"total, exchanged": {"claim", "total = multiIf(id = '1', toDecimal64('2.10', 4), toDecimal64('1.10', 4))", true},
		"total, gone":      {"claim", "total = NULL", true},
		"use":              {"claim", "use = 'other'", false},
		"note":             {"claim", "note = 'other'", false},
		"active":           {"claim", "active = NOT active", false},
		"codes":            {"claim", "codes = arrayReverse(codes)", false},
		"net":              {"claim_item", "net = -net", true},
	} {
		t.Run(column, func(t *testing.T) {
			name := "changed_" + strings.NewReplacer(",", "", " ", "_").Replace(column)
			o := options(t, filepath.Join(base, name), &Warehouse{Store: w.another(t, name)})
			o.Kind, o.Plan = "sync", planOf(t, wide)
			s := &server{content: line("1", 1) + line("2", 2)}
			_, err := Run(t.Context(), o, s)
			must(t, err)
			_, err = Fill(t.Context(), o)
			must(t, err)
			must(t, w.exec(name, "ALTER TABLE "+tc.table+"_v UPDATE "+tc.change+" WHERE true SETTINGS mutations_sync = 2"))
			s.content += line("3", 3)
			want, _, _ := strings.Cut(column, ",")
			r, err := Run(t.Context(), o, s)
			if errors.Is(err, ErrDiffer) != tc.always || tc.always && (r.Findings[0].Subject != tc.table || !strings.HasSuffix(r.Findings[0].Text, ": "+want)) {
				t.Errorf("after a sync: %v, %+v", err, r.Findings)
			}
			if _, err := Fill(t.Context(), o); !errors.Is(err, ErrDiffer) || !strings.Contains(err.Error(), tc.table+" has other values in ClickHouse than in the lake: "+want) {
				t.Errorf("compared: %v", err)
			}
		})
	}
}
