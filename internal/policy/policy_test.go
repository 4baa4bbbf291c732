package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/google/go-cmp/cmp"

	"github.com/claimlake/claimlake/internal/lineage"
	"github.com/claimlake/claimlake/internal/table"
	"github.com/claimlake/claimlake/transform"
)

const patients = `
resource: Patient
tables:
  - name: patient
    description: One row per patient.
    key: id
    columns:
      - {name: id, path: id, type: id, description: Logical id}
      - {name: security_codes, path: "meta.security.#.code", type: list(code), description: Labels}
      - {name: family, path: name.0.family, type: string, description: Family name}
      - {name: gender, path: gender, type: code, description: Gender}
      - {name: birth_date, path: birthDate, type: date, description: Date of birth}
      - {name: birth_time, path: born, type: instant, description: Time of birth}
      - {name: postal_code, path: zip, type: string, description: Postal code}
      - {name: onset_age_value, path: age, type: "decimal(18,4)", description: Age}
      - {name: visits, path: visits, type: integer, description: Number of visits}
`

const conditions = `
resource: Condition
tables:
  - name: condition
    description: One row per condition.
    key: id
    columns:
      - {name: id, path: id, type: id, description: Logical id}
      - {name: patient, path: subject, type: Reference, description: Patient}
      - {name: onset, path: onset, type: date, description: Onset}
      - {name: code_code, path: code.coding.0.code, type: code, description: Code}
      - {name: code_system, path: code.coding.0.system, type: code, description: System}
      - {name: code_display, path: code.coding.0.display, type: string, description: Display}
      - {name: security_codes, path: "meta.security.#.code", type: list(code), description: Labels}
  - name: condition_note
    description: One row per note.
    rows: note
    key: [condition_id, position]
    columns:
      - {name: condition_id, path: $.id, type: id, description: The condition}
      - {name: patient_id, path: $.subject.reference, type: reference, description: The patient}
      - {name: position, path: "@position", type: integer, description: Place}
      - {name: text, path: text, type: string, description: Text}
      - {name: at, path: time, type: instant, description: Time}
      - {name: kind, path: kind, type: code, description: Kind}
`

func plan(t *testing.T) *transform.Plan {
	t.Helper()
	var mappings []*transform.Mapping
	for name, text := range map[string]string{"patient.yaml": patients, "condition.yaml": conditions} {
		m, err := transform.ParseMapping(name, []byte(text))
		must(t, err)
		mappings = append(mappings, m)
	}
	p, err := transform.Compile(mappings)
	must(t, err)
	return p
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// rows flattens lines under a policy, and gives the tables' rows without lineage, but
// for the mark of a tombstone.
func rows(t *testing.T, s Spec, key string, lines ...string) (map[string][]string, *Policy) {
	t.Helper()
	plan := plan(t)
	p, err := Compile(s, []byte(key), plan.Schemas())
	must(t, err)
	return flattened(t, plan, p, lines...), p
}

func flattened(t *testing.T, plan *transform.Plan, p *Policy, lines ...string) map[string][]string {
	t.Helper()
	data := []byte(strings.Join(lines, "\n") + "\n")
	now := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	page := lineage.Page{Origin: lineage.Origin{Source: "s", RunID: "r", FileID: "f", RetrievedAt: now, TransactionTime: now}, First: 1, Lines: len(lines), Data: data}
	res, err := plan.NewFlattener(mem).Flatten(page)
	must(t, err)
	defer res.Release()
	if len(res.Rejects) > 0 {
		t.Fatal(res.Rejects)
	}
	res.Batches, err = p.Apply(mem, page, res.Batches)
	must(t, err)
	out := map[string][]string{}
	for _, b := range res.Batches {
		of, err := table.Of(b.Schema())
		must(t, err)
		for row := range int(b.NumRows()) {
			var values []string
			for i, f := range b.Schema().Fields() {
				switch {
				case f.Name == lineage.Deleted && b.Column(i).(*array.Boolean).Value(row):
					values = append(values, "DELETED")
				case isLineage(f.Name):
				case b.Column(i).IsNull(row):
					values = append(values, "-")
				default:
					values = append(values, b.Column(i).ValueStr(row))
				}
			}
			out[of.Name] = append(out[of.Name], strings.Join(values, "|"))
		}
	}
	return out
}

const secretKey = "0123456789abcdef"

func TestSafeHarbor(t *testing.T) {
	got, p := rows(t, Spec{Preset: SafeHarbor}, secretKey,
		`{"resourceType":"Patient","id":"7","meta":{"security":[{"code":"N"}]},"name":[{"family":"Doe"}],"gender":"male","birthDate":"1970-05-06","born":"1970-05-06T07:08:09Z","zip":"12345","age":42.5,"visits":3}`,
		`{"resourceType":"Patient","id":"8","birthDate":"1930-05-06","born":"1930-05-06T07:08:09Z","zip":"03601-1234","age":93}`,
		`{"resourceType":"Patient","id":"9","birthDate":"1969-12-31","zip":"K1A 0B1","age":90}`,
		`{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/7","display":"Jane Doe"},"onset":"2024-02-29","code":{"coding":[{"code":"E11","system":"icd","display":"Diabetes"}]},"note":[{"text":"Call Jane","time":"2024-03-01T10:00:00Z"}]}`,
	)
	seven, c := p.secrets().pseudonym("7"), p.secrets().pseudonym("c")
	want := map[string][]string{
		"patient": {
			seven + `|["N"]|-|male|1970-01-01|1970-01-01 00:00:00Z|123|42.5|3`,
			p.secrets().pseudonym("8") + `|-|-|-|1936-01-01|1936-01-01 00:00:00Z|000|90|-`,
			p.secrets().pseudonym("9") + `|-|-|-|1969-01-01|-|-|90|-`,
		},
		"condition":      {c + "|" + seven + "|-|Patient|-|-|2024-01-01|E11|icd|Diabetes|-"},
		"condition_note": {c + "|" + seven + "|1|-|2024-01-01 00:00:00Z|-"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(seven) != 32 || seven == p.secrets().pseudonym("8") {
		t.Errorf("pseudonym %s", seven)
	}
}

// All dates of a patient move by the same days, in every table and run, and those of
// another by others; with another key by others again.
func TestShift(t *testing.T) {
	s := Spec{Rules: []Rule{{[]string{"birth_date", "birth_time", "onset", "at"}, Shift}}}
	lines := []string{
		`{"resourceType":"Patient","id":"7","birthDate":"1970-05-06","born":"1970-05-06T07:08:09Z"}`,
		`{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/7"},"onset":"1970-05-06","note":[{"text":"n","time":"1970-05-06T07:08:09Z"}]}`,
		`{"resourceType":"Condition","id":"d","onset":"1970-05-06"}`,
	}
	got, p := rows(t, s, secretKey, lines...)
	day := time.Date(1970, 5, 6, 0, 0, 0, 0, time.UTC).AddDate(0, 0, -p.secrets().shift("7")).Format(time.DateOnly)
	for table, want := range map[string]string{"patient": day + "|" + day + " 07:08:09Z", "condition": "|" + day + "|", "condition_note": day + " 07:08:09Z"} {
		if !strings.Contains(got[table][0], want) {
			t.Errorf("%s is %s, want %s", table, got[table][0], want)
		}
	}
	if strings.Contains(got["condition"][1], "19") {
		t.Errorf("of no patient: %s", got["condition"][1])
	}
	if _, other := rows(t, s, secretKey+"x", lines...); other.secrets().shift("7") == p.secrets().shift("7") && other.secrets().shift("8") == p.secrets().shift("8") {
		t.Error("another key shifts the same")
	}
	for id := range 2000 {
		if d := p.secrets().shift(fmt.Sprint(id)); d < 1 || d > maxShift {
			t.Fatalf("shift by %d days", d)
		}
	}
}

// Resources with a label or a code leave tombstones, and none of their rows.
func TestExclude(t *testing.T) {
	lines := []string{
		`{"resourceType":"Patient","id":"1","meta":{"security":[{"code":"N"},{"code":"R"}]},"name":[{"family":"Doe"}]}`,
		`{"resourceType":"Patient","id":"2","meta":{"security":[{"code":"N"}]}}`,
		`{"resourceType":"Condition","id":"3","code":{"coding":[{"code":"F11.2","system":"icd"}]},"note":[{"text":"SECRET"}]}`,
		`{"resourceType":"Condition","id":"4","code":{"coding":[{"code":"E11","system":"icd"}]},"note":[{"text":"x"}]}`,
	}
	for name, tc := range map[string]struct {
		spec     Spec
		excluded int64
		want     map[string][]string
	}{
		"a label": {Spec{Labels: []string{"R"}}, 1, map[string][]string{"patient": {`2|["N"]|-|-|-|-|-|-|-`, "1|-|-|-|-|-|-|-|-|DELETED"}}},
		"a code": {Spec{Codes: []string{"F11.2"}}, 1, map[string][]string{
			"condition": {"4|-|-|-|-|-|-|E11|icd|-|-", "3|-|-|-|-|-|-|-|-|-|-|DELETED"}, "condition_note": {"4|-|1|x|-|-"},
		}},
		"a code of its system": {Spec{Codes: []string{"icd|F11.2", "icd|E11"}}, 2, map[string][]string{
			"condition": {"3|-|-|-|-|-|-|-|-|-|-|DELETED", "4|-|-|-|-|-|-|-|-|-|-|DELETED"}, "condition_note": nil,
		}},
		"a code of another system": {Spec{Codes: []string{"snomed|F11.2"}}, 0, map[string][]string{"condition_note": {"3|-|1|SECRET|-|-", "4|-|1|x|-|-"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, p := rows(t, tc.spec, "", lines...)
			for table, want := range tc.want {
				if diff := cmp.Diff(want, got[table]); diff != "" {
					t.Errorf("%s: %s", table, diff)
				}
			}
			if p.Excluded() != tc.excluded {
				t.Errorf("%d are left out", p.Excluded())
			}
		})
	}
}

// Resources with a code in any row get its labels in their main row, each once, after
// those that they have; rows stay otherwise. What is left out needs no label.
func TestFlags(t *testing.T) {
	got, p := rows(t, Spec{Codes: []string{"Z1"}, Flags: []Flag{{"42CFRPart2", []string{"icd|F11.2", "sud", "Z1"}}, {"PSY", []string{"F11.2", "male"}}}}, "",
		`{"resourceType":"Patient","id":"1","meta":{"security":[{"code":"N"},{"code":"PSY"}]},"gender":"male"}`,
		`{"resourceType":"Patient","id":"2","gender":"female"}`,
		`{"resourceType":"Condition","id":"3","code":{"coding":[{"code":"F11.2","system":"icd"}]},"note":[{"kind":"sud"}]}`,
		`{"resourceType":"Condition","id":"4","code":{"coding":[{"code":"F11.2","system":"snomed"}]},"meta":{"security":[{"code":"R"}]},"note":[{"kind":"x"},{"kind":"sud"}]}`,
		`{"resourceType":"Condition","id":"5","code":{"coding":[{"code":"E11","system":"icd"}]},"note":[{"kind":"x"}]}`,
		`{"resourceType":"Condition","id":"6","code":{"coding":[{"code":"Z1"}]},"note":[{"kind":"sud"}]}`,
	)
	want := map[string][]string{
		"patient": {`1|["N","PSY"]|-|male|-|-|-|-|-`, "2|-|-|female|-|-|-|-|-"},
		"condition": {
			`3|-|-|-|-|-|-|F11.2|icd|-|["42CFRPart2","PSY"]`, `4|-|-|-|-|-|-|F11.2|snomed|-|["R","PSY","42CFRPart2"]`,
			"5|-|-|-|-|-|-|E11|icd|-|-", "6|-|-|-|-|-|-|-|-|-|-|DELETED",
		},
		"condition_note": {"3|-|1|-|-|sud", "4|-|1|-|-|x", "4|-|2|-|-|sud", "5|-|1|-|-|x"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if p.Flagged() != 3 || p.Excluded() != 1 {
		t.Errorf("%d are flagged, %d left out", p.Flagged(), p.Excluded())
	}
}

// A main table without the column for labels cannot be flagged.
func TestFlagsNeedTheirColumn(t *testing.T) {
	for _, column := range []string{"{name: labels, path: \"meta.security.#.code\", type: list(code)", "{name: security_codes, path: \"meta.security.0.code\", type: code"} {
		m, err := transform.ParseMapping("patient.yaml", []byte(strings.Replace(patients, "{name: security_codes, path: \"meta.security.#.code\", type: list(code)", column, 1)))
		must(t, err)
		plan, err := transform.Compile([]*transform.Mapping{m})
		must(t, err)
		if _, err := Compile(Spec{Flags: []Flag{{"R", []string{"x"}}}}, nil, plan.Schemas()); !errors.Is(err, ErrPolicy) || !strings.Contains(err.Error(), "patient has no column security_codes") {
			t.Errorf("%s: %v", column, err)
		}
	}
}

func TestRulesThatCannotBe(t *testing.T) {
	for name, tc := range map[string]struct {
		rules []Rule
		key   string
		want  string
	}{
		"no such column":      {[]Rule{{[]string{"patient.phone"}, Drop}}, "", "patient.phone matches no column"},
		"hidden by another":   {[]Rule{{[]string{"family"}, Keep}, {[]string{"patient.family"}, Drop}}, "", "patient.family matches no column"},
		"lineage":             {[]Rule{{[]string{"_line"}, Drop}}, "", "_line matches no column"},
		"a malformed one":     {[]Rule{{[]string{"[a"}, Drop}}, "", "[a matches no column"},
		"a key":               {[]Rule{{[]string{"patient.id"}, Drop}}, "", "patient.id cannot have drop: it is part of the key"},
		"no date":             {[]Rule{{[]string{"gender"}, Year}}, "", "it is no date"},
		"no text":             {[]Rule{{[]string{"visits"}, Pseudonymise}}, secretKey, "it is no text"},
		"no number":           {[]Rule{{[]string{"family"}, Age}}, "", "it is no number"},
		"an action":           {[]Rule{{[]string{"family"}, "hide"}}, "", "there is no such action"},
		"no key":              {[]Rule{{[]string{"family"}, Pseudonymise}}, "", "claimlake policy keygen"},
		"a key that is short": {[]Rule{{[]string{"family"}, Pseudonymise}}, "x", "claimlake policy keygen"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Compile(Spec{Rules: tc.rules}, []byte(tc.key), plan(t).Schemas())
			if !errors.Is(err, ErrPolicy) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %s", err, tc.want)
			}
		})
	}
}

// The first rule counts, before those of a preset; the hash tells policies and keys
// apart.
func TestRulesInOrder(t *testing.T) {
	s := Spec{Preset: SafeHarbor, Rules: []Rule{{[]string{"patient.family"}, Keep}, {[]string{"fam*"}, Pseudonymise}, {[]string{"*_display"}, Drop}}}
	s.Rules[1].Match = []string{"gender"}
	got, p := rows(t, s, secretKey, `{"resourceType":"Patient","id":"7","name":[{"family":"Doe"}],"gender":"male"}`)
	if want := p.secrets().pseudonym("7") + "|-|Doe|" + p.secrets().pseudonym("male") + "|-|-|-|-|-"; !slices.Equal(got["patient"], []string{want}) {
		t.Errorf("%v, want %s", got["patient"], want)
	}
	hashes := []string{s.Hash([]byte(secretKey)), s.Hash([]byte("other")), Spec{Preset: SafeHarbor}.Hash([]byte(secretKey))}
	slices.Sort(hashes)
	if len(slices.Compact(hashes)) != 3 {
		t.Errorf("hashes %v", hashes)
	}
}

func TestYears(t *testing.T) {
	for text, want := range map[string]string{"1969-12-31": "1969-01-01", "1900-01-01": "1900-01-01", "2024-02-29": "2024-01-01", "0001-06-01": "0001-01-01"} {
		day, err := time.Parse(time.DateOnly, text)
		must(t, err)
		if got := arrow.Date32(yearOf(int(arrow.Date32FromTime(day)))).ToTime().Format(time.DateOnly); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}
