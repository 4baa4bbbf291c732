package clickhouse

import (
	"strings"
	"testing"
)

// Who wrote a statement is told what is wrong with it, and nothing of a row, or of what
// the statement says of a patient.
func TestErrorsOfQueriesQuoteNoValue(t *testing.T) {
	s := store(t)
	for sql, want := range map[string]string{
		"SELECT nam FROM (SELECT 1 AS name) WHERE name = 'MARKED 7'":                            "Maybe you meant: ['name']",
		"SELECT * FROM nowhere WHERE id = 'MARKED'":                                             "nowhere",
		"SELECT count() WHERE 'it''s MARKED' AND":                                               "failed at position",
		"SELECT count() WHERE x = 'MARKED":                                                      "failed at position",
		"SELECT nofunction($$MARKED$$)":                                                         "nofunction",
		"SELECT * FROM nowhere WHERE id = $a$7 $b$ MARKED$a$":                                   "nowhere",
		"SELECT nofunction('MARKED')":                                                           "nofunction",
		"SELECT mrn FROM (SELECT 1 AS id) WHERE id = 19480517":                                  "mrn",
		"SELECT toDate(a), 1 + 'MARKED' FROM (SELECT 1 AS a)":                                   "ILLEGAL_TYPE_OF_ARGUMENT",
		"SELECT toInt64(concat('MARK', materialize('ED')))":                                     "CANNOT_PARSE_TEXT",
		"SELECT throwIf(number = 1e6, 'MARKED') FROM system.numbers":                            "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO",
		"SELECT toDecimal64(concat('MARKED', toString(number)), 2) FROM system.numbers LIMIT 9": "CANNOT_PARSE_TEXT",
	} {
		rows, err := s.Query(t.Context(), sql)
		if err == nil {
			for rows.Next() {
				continue
			}
			err = rows.Err()
			_ = rows.Close()
		}
		switch {
		case err == nil:
			t.Errorf("%s: no error", sql)
		case strings.Contains(err.Error(), "MARKED") || strings.Contains(err.Error(), "19480517"):
			t.Errorf("%s: %v", sql, err)
		case !strings.Contains(err.Error(), want):
			t.Errorf("%s: %v, want %q in it", sql, err, want)
		}
	}
}
