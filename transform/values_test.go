package transform

import (
	"strings"
	"testing"
	"time"
)

func TestDecimalIsExactOrRefused(t *testing.T) {
	for literal, want := range map[string]string{
		"1.10": "1.1000", "0.0": "0.0000", "-12.5": "-12.5000", "1e2": "100.0000", "1.5E-3": "0.0015",
		"99999999999999.9999": "99999999999999.9999", "1.23450000": "1.2345",
		"0.00001": "", "12345678901234567890": "", "1e99999": "", "1e": "",
	} {
		got, ok := parseDecimal([]byte(literal), 18, 4)
		if ok != (want != "") || ok && got.ToString(4) != want {
			t.Errorf("%s: %s, %v; want %q", literal, got.ToString(4), ok, want)
		}
	}
}

func TestMoneyIsRoundedHalfToEven(t *testing.T) {
	for literal, want := range map[string]string{
		"1.10": "1.1000", "28.104000000000003": "28.1040", "112.41600000000001": "112.4160", "-0.00005": "0.0000",
		"0.00015": "0.0002", "0.00025": "0.0002", "0.000250001": "0.0003", "-1.99996": "-2.0000", "99.99995": "100.0000",
		"99999999999999.99994": "99999999999999.9999", "1e-99999": "0.0000", "123456789e-9": "0.1235",
		"18446744073709551616e-10": "1844674407.3710",
		"99999999999999.99995":     "", "12345678901234567890": "", "1e99999": "", "1e": "", "x": "",
		"1.123456789012345678901234567890123456789": "",
	} {
		got, ok := parseRounded([]byte(literal), 18, 4)
		if ok != (want != "") || ok && got.ToString(4) != want {
			t.Errorf("%s: %s, %v; want %q", literal, got.ToString(4), ok, want)
		}
	}
}

func TestDates(t *testing.T) {
	for in, want := range map[string]string{
		"1931":                      "1931-01-01T00:00:00Z year",
		"2019-05":                   "2019-05-01T00:00:00Z month",
		"2024-02-29":                "2024-02-29T00:00:00Z day",
		"2024-03-01T00:30:00+02:00": "2024-02-29T22:30:00Z second",
		"2023-02-29":                "",
		"IGNORED_FIELD":             "",
	} {
		m, ok := parseMoment([]byte(in))
		if text := time.UnixMicro(m.micros()).UTC().Format(time.RFC3339Nano) + " " + m.precision; ok != (want != "") || ok && text != want {
			t.Errorf("%s: %s, %v; want %q", in, text, ok, want)
		}
	}
	m, ok := parseMoment([]byte("2024-03-01T00:30:00+02:00"))
	if d := time.Unix(m.days*secondsPerDay, 0).UTC().Format(time.DateOnly); !ok || d != "2024-03-01" {
		t.Errorf("the calendar date moved with the offset: %v, %v", d, ok)
	}
}

func TestReferences(t *testing.T) {
	type want struct {
		typ, id string
		plain   bool
	}
	for ref, want := range map[string]want{
		"Patient/1":                                {"Patient", "1", true},
		"https://h/fhir/Patient/1":                 {"Patient", "1", false},
		"https://h/fhir/Patient/1/_history/2":      {"Patient", "1", false},
		"https://h/fhir/Patient/1/_history/2/":     {"Patient", "1", false},
		"Patient/1/_history":                       {"Patient", "1", false},
		"Patient/1/":                               {"Patient", "1", false},
		"https://h/fhir/Patient/1//":               {"Patient", "1", false},
		" Patient/1 ":                              {"Patient", "1", false},
		"/Patient/1":                               {"Patient", "1", false},
		"Patient/1#name":                           {"Patient", "1", false},
		"Patient/1|2":                              {"Patient", "1", false},
		"https://h/fhir/Patient/1?_format=json":    {"Patient", "1", false},
		"https://h/fhir/Patient/1?x=/Claim/2":      {"Patient", "1", false},
		"urn:uuid:6c5d9ca9-0000-4000-8000-1234567": {"", "6c5d9ca9-0000-4000-8000-1234567", false},
		"URN:UUID:6C5D":                            {"", "6C5D", false},
		"urn:uuid:Jane Doe":                        {},
		"urn:uuid:":                                {},
		"urn:oid:1.2.3/Patient/1":                  {},
		"urn:oid:1.2.3":                            {},
		"#provider-org":                            {},
		"#":                                        {},
		"":                                         {},
		"/":                                        {},
		"1":                                        {},
		"patient/1":                                {},
		"Patient/":                                 {},
		"Patient?identifier=http://h/Patient/1":    {},
		"https://h/fhir/Patient/Jane Doe":          {},
		"Patient/_history/1":                       {},
	} {
		typ, id, plain := splitReference([]byte(ref))
		if string(typ) != want.typ || string(id) != want.id || plain != want.plain {
			t.Errorf("%s: %q %q %v, want %+v", ref, typ, id, plain, want)
		}
	}
}

const example = `resource: Claim
description: A claim.
tables:
  - name: claim
    description: One row per claim.
    key: id
    columns:
      - {name: id, path: id, type: id, description: Id}
      - {name: type, path: type, type: CodeableConcept, description: Claim type}
      - {name: total, path: [total, total.0], type: Money, description: Total}
      - {name: created, path: created, type: dateTime, precision: true, description: Created}
`

func TestMappingExpandsComposites(t *testing.T) {
	m, err := ParseMapping("schemas/claim.yaml", []byte(example))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, spec := range m.Tables[0].Columns {
		columns, err := spec.expand()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range columns {
			names = append(names, c.name+" "+c.kind.String()+" "+c.kind.arrow().Name())
		}
	}
	got := strings.Join(names, "\n")
	want := "id id utf8\ntype_code code dictionary\ntype_system code dictionary\ntype_display string utf8\ntype_text string utf8\n" +
		"total decimal(18,4) decimal\ntotal_currency code dictionary\ncreated dateTime timestamp\ncreated_precision code dictionary"
	if got != want || !strings.HasPrefix(m.id, "claim@") {
		t.Errorf("%s of %s, want\n%s", got, m.id, want)
	}
}

const grouped = `resource: Claim
description: A claim.
tables:
  - name: claim
    description: One row per claim.
    key: id
    columns:
      - {name: id, path: id, type: id, description: Id}
      - &codes
        - {name: kind, path: kind, type: code, description: Kind}
        - {name: use, path: use, type: code, description: Use}
  - name: claim_part
    description: One row per part.
    rows: part
    key: claim_id
    columns:
      - {name: claim_id, path: $.id, type: id, description: Id}
      - *codes
      - {name: last, path: last, type: code, description: Last}
`

func TestTablesShareGroupsOfColumns(t *testing.T) {
	m, err := ParseMapping("claim.yaml", []byte(grouped))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range m.Tables[1].Columns {
		names = append(names, c.Name)
	}
	if got := strings.Join(names, " "); got != "claim_id kind use last" {
		t.Errorf("columns %s", got)
	}
	for change, want := range map[string]string{
		"name: use|name: kind":     `claim.yaml:9:9: column "kind" is there twice`,
		"name: last|name: kind":    `claim.yaml:19:16: column "kind" is there twice`,
		"path: use,|paths: use,":   `claim.yaml:11:23: unknown field "paths"`,
		"path: last,|paths: last,": `claim.yaml:19:22: unknown field "paths"`,
	} {
		old, changed, _ := strings.Cut(change, "|")
		_, err := ParseMapping("claim.yaml", []byte(strings.Replace(grouped, old, changed, 1)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", change, err, want)
		}
	}
}

func TestMappingMistakesHaveTheirPlace(t *testing.T) {
	for old, tc := range map[string]struct{ new, want string }{
		"type: Money":       {"type: Mony", `c.yaml:10:16: column "total": unknown type "Mony"`},
		"name: created":     {"name: total", `c.yaml:11:16: column "total" is there twice`},
		"key: id":           {"key: [id, nr]", `key column "nr" is not among the columns`},
		"precision: true":   {"precison: true", `unknown field "precison"`},
		"path: created":     {"path: ^", `path "^" ends too early`},
		"resource: Claim":   {"resource: ''", "c.yaml:1:1"},
		"type: dateTime":    {"type: code", "precision goes with date"},
		"type: id, descrip": {"type: 'decimal(99,1)', descrip", "want a precision of 1 to 38"},
	} {
		_, err := ParseMapping("c.yaml", []byte(strings.Replace(example, old, tc.new, 1)))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", tc.new, err, tc.want)
		}
	}
}
