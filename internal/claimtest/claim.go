package claimtest

// Act is what a claim of a history does.
type Act int

// The acts.
const (
	Bill      Act = iota // an original or a replacement
	Reversal             // by negative amounts or a cancel code
	Cancelled            // by its status
	Void                 // entered in error, a draft, not adjudicated or no claim
)

// Claim is an explanation of benefit of a history. Its prior is named by an identifier
// that the prior has, in one of the ways; "" where it names none.
type Claim struct {
	ID            string
	Act           Act
	Code          string // cancel code of a reversal; "" where negative amounts say it
	Status        string // of a Void or Cancelled
	Made, Changed int    // hours: when it was made and last changed
	Month         int    // of the service
	Billing       string // "interim" or "late" of a bill that another one does not replace
	Charge, Paid  *int64 // cents; nil where it says nothing
	Style         int    // where the amounts stand

	ClaimID, Unique, Control string // what it is called; "" for nothing
	Group                    string // what its versions share
	Prior                    Name   // what it replaces or reverses
	Later                    Name   // what it says replaces it
	NotFinal                 bool   // tagged so
	Run                      int    // in which run it comes
}

// Name is how a claim names another.
type Name struct {
	Way   Way
	Value string
}

// Way is a spelling of a Name.
type Way int

// The ways. Those from ByIdentifier to ByContained name an identifier of type uc.
const (
	ByNothing       Way = iota
	ByReference         // related.claim: ExplanationOfBenefit/id
	ByURL               // the same, absolute and of a version
	ByClaim             // related.claim: the Claim that the other answers
	ByControl           // CMS: the original control number
	ByIdentifier        // related.claim.identifier
	ByBareValue         // the same without its system
	ByReferenceUC       // related.reference
	ByBareReference     // the same without its system
	ByTypedUC           // related.reference with type uc and without a system
	ByContained         // related.claim: a contained Claim with the identifier
	ByClaimOfID         // related.claim: Claim/id of an explanation of benefit that does not say what it answers
)

// is reports whether a claim is what a name names.
func (c Claim) is(n Name) bool {
	switch {
	case n.Way == ByNothing || n.Value == "":
		return false
	case n.Way == ByReference || n.Way == ByURL:
		return c.ID == n.Value
	case n.Way == ByClaim:
		return c.ClaimID == n.Value
	case n.Way == ByClaimOfID:
		return c.ID == n.Value && c.ClaimID == ""
	case n.Way == ByControl:
		return c.Control == n.Value
	default:
		return c.Unique == n.Value
	}
}

// ways are those by which a claim can be named.
func (c Claim) ways() []Name {
	names := []Name{{ByReference, c.ID}, {ByURL, c.ID}}
	if c.ClaimID != "" {
		names = append(names, Name{ByClaim, c.ClaimID})
	} else {
		names = append(names, Name{ByClaimOfID, c.ID})
	}
	if c.Control != "" {
		names = append(names, Name{ByControl, c.Control})
	}
	if c.Unique != "" {
		for w := ByIdentifier; w <= ByContained; w++ {
			names = append(names, Name{w, c.Unique})
		}
	}
	return names
}

// identifier is the first of the ways that give the same identifier.
func (w Way) identifier() Way {
	switch w {
	case ByURL:
		return ByReference
	case ByReferenceUC:
		return ByIdentifier
	case ByBareReference, ByTypedUC:
		return ByBareValue
	default:
		return w
	}
}
