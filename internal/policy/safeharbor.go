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
	case isPlace(f.Name):
		return Drop, "geographic subdivision (B)"
	case isExtensionValue(s, f):
		return Drop, "value of an extension, which may be anything"
	case isNumber(f.Type) && namesAge(f.Name):
		return Age, "age above 89 (C)"
	case isNumber(f.Type) && len(unitsOf(s, f.Name)) > 0:
		return Quantity, "quantity, which may be an age (C)"
	case f.Type.ID() == arrow.STRING:
		return ofText(s, f.Name)
	case typ == "list(string)":
		return Drop, "text"
	case (typ == "code" || typ == "list(code)") && !isSystem(f.Name):
		return Code, "code"
	}
	return Keep, "code, number or flag"
}

// ofText is what becomes of a text.
func ofText(s *arrow.Schema, name string) (Action, string) {
	if codeOf(s, name) >= 0 {
		return Display, "display of a code"
	}
	if strings.HasSuffix(name, "_state") || strings.HasSuffix(name, "_country") || name == "state" || name == "country" {
		return State, "state or country"
	}
	return Drop, "text, which may name or number somebody (A, B, D to R)"
}

// codeOf is the column with the code that a display is of; -1 for none.
func codeOf(s *arrow.Schema, display string) int {
	of, ok := strings.CutSuffix(display, "display")
	at := s.FieldIndices(of + "code")
	if !ok || len(at) != 1 {
		return -1
	}
	return at[0]
}

// places are parts of the names of columns that say where within a state something is,
// whatever their type: codes of counties and localities, coordinates.
var places = setOf([]string{
	"altitude", "borough", "city", "county", "district", "fips", "geocode", "geolocation", "latitude", "locality", "longitude",
	"municipality", "parish", "precinct", "town", "tract", "zcta", "zip", "zipcode",
})

func isPlace(name string) bool { return hasPart(name, func(part string) bool { return places[part] }) }

// hasPart reports whether a part of a column's name is as wanted.
func hasPart(name string, wanted func(string) bool) bool {
	return slices.ContainsFunc(strings.Split(name, "_"), wanted)
}

// isExtensionValue reports whether a column has values of extensions of any definition,
// in a table of a row for each: a county, say, is sent as a code or a number.
func isExtensionValue(s *arrow.Schema, f arrow.Field) bool {
	if !strings.HasSuffix(f.Name, "_value") && !strings.HasPrefix(f.Name, "value_") && f.Name != "value" || !s.HasField("url") {
		return false
	}
	name := f.Name
	return f.Type.ID() != arrow.BOOL && !strings.HasPrefix(name, "value_money") && !strings.HasSuffix(name, "_state") && !strings.HasSuffix(name, "_country")
}

func isNumber(t arrow.DataType) bool {
	return t.ID() == arrow.DECIMAL128 || t.ID() == arrow.INT32 || t.ID() == arrow.INT64
}

// namesAge reports whether the name of a column says that it has ages: FHIR gives those
// of onsets, abatements and procedures as ranges, too.
func namesAge(name string) bool {
	return hasPart(name, func(part string) bool { return part == "age" || part == "ages" }) ||
		hasPart(name, func(part string) bool { return part == "range" }) &&
			hasPart(name, func(part string) bool { return part == "onset" || part == "abatement" || part == "performed" })
}

// unitsOf are the columns with the unit of a quantity, and its code.
func unitsOf(s *arrow.Schema, quantity string) (columns []int) {
	of, ok := strings.CutSuffix(quantity, "value")
	for _, part := range []string{"unit", "code"} {
		if at := s.FieldIndices(of + part); ok && len(at) == 1 && s.Field(at[0]).Type.ID() == arrow.DICTIONARY {
			columns = append(columns, at[0])
		}
	}
	return columns
}

// isSystem reports whether a column has names of systems, definitions or versions.
func isSystem(name string) bool {
	return hasPart(name, func(part string) bool {
		return part == "system" || part == "version" || part == "profile" || part == "url"
	})
}

// sparse are the beginnings of postal codes of 20,000 people or fewer: those of the HHS
// guidance on de-identification, section 3.3 (census of 2000), and as newer data is to be
// followed, those that the censuses of 2010 and 2020 add. None is taken out of it, since
// 000 is never wrong.
var sparse = setOf([]string{
	"036", "059", "063", "102", "202", "203", "204", "205", "369", "556", "692", "753", "772", "790",
	"821", "823", "830", "831", "878", "879", "884", "890", "893",
})

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
