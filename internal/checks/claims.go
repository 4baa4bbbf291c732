package checks

import "fmt"

// Of is a count of what is worth a look, of so many.
type Of struct {
	Name          string // of a row of the view claim_finding
	Found, Looked int64
}

// claimTexts say what the counts of the view claim_finding are. Each takes two numbers.
var claimTexts = map[string]string{
	"unbalanced_claims":       "%d of %d claims say other sums on their lines than in their headers: see claim_balance",
	"claims_without_coverage": "claims whose member has no coverage: %d of %d",
	"shared_member_numbers":   "%d numbers belong to several of %d patients: see member_number_shared",
	"coverages_without_days":  "%d of %d coverages end before they begin, or do not say when they begin: they cover no month",
}

// Claims looks at what the view claim_finding counts of a source. Claims whose lines and
// headers say different sums are worth a look where they are more than a share of all,
// such as 0.05; of the others each.
func Claims(counts []Of, most float64) (found []Finding) {
	for _, c := range counts {
		if c.Found == 0 || claimTexts[c.Name] == "" {
			continue
		}
		f := Finding{Check: c.Name, Grade: Warn, Found: float64(c.Found), Text: fmt.Sprintf(claimTexts[c.Name], c.Found, c.Looked)}
		if c.Name == "unbalanced_claims" {
			f.Expected = most * float64(c.Looked)
			if f.Found <= f.Expected {
				f.Grade = Info
			}
		}
		found = append(found, f)
	}
	return found
}

// ClaimsUnchecked says that nobody looked at the sums of claims and at their members.
func ClaimsUnchecked(why string) Finding {
	return Finding{Check: "claims_unchecked", Grade: Info, Text: "whether claims add up, and whether their members are covered, is not known: " + why}
}
