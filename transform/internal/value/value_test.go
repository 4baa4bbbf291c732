package value

import (
	"testing"
	"time"
)

func TestDecimalIsExactOrRefused(t *testing.T) {
	for literal, want := range map[string]string{
		"1.10": "1.1000", "0.0": "0.0000", "-12.5": "-12.5000", "1e2": "100.0000", "1.5E-3": "0.0015",
		"99999999999999.9999": "99999999999999.9999", "1.23450000": "1.2345",
		"0.00001": "", "12345678901234567890": "", "1e99999": "", "1e": "",
	} {
		got, ok := ParseDecimal([]byte(literal), 18, 4)
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
		got, ok := ParseRounded([]byte(literal), 18, 4)
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
		m, ok := ParseMoment([]byte(in))
		if text := time.UnixMicro(m.Micros()).UTC().Format(time.RFC3339Nano) + " " + m.Precision; ok != (want != "") || ok && text != want {
			t.Errorf("%s: %s, %v; want %q", in, text, ok, want)
		}
	}
	m, ok := ParseMoment([]byte("2024-03-01T00:30:00+02:00"))
	if d := time.Unix(m.Days*SecondsPerDay, 0).UTC().Format(time.DateOnly); !ok || d != "2024-03-01" {
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
		typ, id, plain := SplitReference([]byte(ref))
		if string(typ) != want.typ || string(id) != want.id || plain != want.plain {
			t.Errorf("%s: %q %q %v, want %+v", ref, typ, id, plain, want)
		}
	}
}
