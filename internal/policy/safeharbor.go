package policy

import (
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/claimlake/claimlake/internal/table"
)

// safeHarbor is what 45 CFR 164.514(b)(2)(i) asks of a column. It goes by what a column
// is, not by lists of names, so that a column that is new is not told by mistake: of
// texts only those of codings and of states stay.
func safeHarbor(t table.Table, s *arrow.Schema, f arrow.Field) (Action, string) {
	typ := table.ColumnType(f)
	switch {
	case typ == "id" || typ == "reference":
		return Pseudonymise, "unique identifying number (R)"
	case slices.Contains(t.Key, f.Name):
		return Keep, "place in the resource"
	case isTime(f.Type) && strings.Contains(f.Name, "birth"):
		return BirthYear, "date of birth, age above 89 (C)"
	case isTime(f.Type):
		return Year, "date (C)"
	case strings.HasSuffix(f.Name, "postal_code"):
		return Zip3, "geographic subdivision (B)"
	case strings.Contains(f.Name, "_age_") && (f.Type.ID() == arrow.DECIMAL128 || f.Type.ID() == arrow.INT32):
		return Age, "age above 89 (C)"
	case f.Type.ID() == arrow.STRING:
		return ofText(s, f.Name)
	case typ == "list(string)":
		return Drop, "text"
	}
	return Keep, "code, number or flag"
}

// ofText is what becomes of a text.
func ofText(s *arrow.Schema, name string) (Action, string) {
	if of, ok := strings.CutSuffix(name, "display"); ok && s.HasField(of+"code") {
		return Keep, "display of a code"
	}
	if strings.HasSuffix(name, "_state") || strings.HasSuffix(name, "_country") || name == "state" || name == "country" {
		return Keep, "state or country"
	}
	return Drop, "text, which may name or number somebody (A, B, D to R)"
}

// sparse are the beginnings of postal codes of 20,000 people or fewer (census of 2000,
// the list of the HHS guidance on de-identification, section 3.3).
var sparse = setOf([]string{"036", "059", "063", "102", "203", "556", "692", "790", "821", "823", "830", "831", "878", "879", "884", "890", "893"})

// zip3 is what stays of a postal code; "" where it is none of the US.
func zip3(code string) string {
	if len(code) != 5 && len(code) != 9 && (len(code) != 10 || code[5] != '-') {
		return ""
	}
	for i := range 5 {
		if code[i] < '0' || code[i] > '9' {
			return ""
		}
	}
	if sparse[code[:3]] {
		return "000"
	}
	return code[:3]
}
