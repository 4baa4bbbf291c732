package checks

import (
	"slices"
	"testing"
)

func TestClaims(t *testing.T) {
	for name, tc := range map[string]struct {
		counts []Of
		want   []string
	}{
		"all add up, all are covered": {[]Of{{"unbalanced_claims", 0, 100}, {"claims_without_coverage", 0, 90}}, nil},
		"few do not add up":           {[]Of{{"unbalanced_claims", 5, 100}}, []string{"info unbalanced_claims"}},
		"more than a share do not":    {[]Of{{"unbalanced_claims", 6, 100}}, []string{"warn unbalanced_claims"}},
		"one is not covered":          {[]Of{{"claims_without_coverage", 1, 100}}, []string{"warn claims_without_coverage"}},
		"one number, two members":     {[]Of{{"shared_member_numbers", 1, 50}}, []string{"warn shared_member_numbers"}},
		"ends before it begins":       {[]Of{{"coverages_without_days", 1, 50}}, []string{"warn coverages_without_days"}},
		"of a view yet to come":       {[]Of{{"others", 1, 50}}, nil},
	} {
		if got := short(Claims(tc.counts, 0.05)); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}
