package policy

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// Postal codes of 20,000 people or fewer by their first three digits, as published: by
// HHS ("Guidance Regarding Methods for De-identification of Protected Health Information",
// section 3.3, of the census of 2000), and what later censuses' ZIP code tabulation areas
// add, since the guidance says to use the newest.
const (
	of2000 = "036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893"
	of2010 = "036 059 102 203 205 369 556 692 821 823 878 879 884 893"
	of2020 = "036 059 102 202 203 204 205 369 556 692 753 772 821 823 878 879 884 893"
)

func TestSparsePostalCodesAreThePublishedOnes(t *testing.T) {
	want := strings.Fields(of2000 + " " + of2010 + " " + of2020)
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(sparse)); !slices.Equal(got, slices.Compact(want)) {
		t.Errorf("%v, want %v", got, want)
	}
	for code, want := range map[string]string{
		"03601": "000", "036011234": "000", "03601-1234": "000", "89301": "000", "20500": "000", "12345": "123", "12345-6789": "123",
		"": "", "036": "", "0360": "", "036012": "", "K1A 0B1": "", "12345 6789": "", "１２３４５": "", "1234a": "", "12345-": "",
	} {
		if got := zip3(code); got != want {
			t.Errorf("%q is %q, want %q", code, got, want)
		}
	}
}
