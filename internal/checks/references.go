package checks

import "fmt"

// The checks of references: those that name no id, and rows that have none.
const (
	References  = "references"
	NoReference = "no_reference"
)

// LostReferences says that references gave no id to a column: nothing is joined by them.
func LostReferences(column string, n int64) Finding {
	return Finding{
		Check: References, Subject: column, Grade: Warn, Found: float64(n),
		Text: fmt.Sprintf("%d references name no id, and join with nothing", n),
	}
}

// NoReferences says that rows have no reference in a column that each should have.
func NoReferences(column string, n int64) Finding {
	return Finding{
		Check: NoReference, Subject: column, Grade: Warn, Found: float64(n),
		Text: fmt.Sprintf("%d rows have no reference, or a logical or contained one, and join with nothing", n),
	}
}
