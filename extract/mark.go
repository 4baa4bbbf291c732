package extract

// Mark is a place in a file where its source can go on after an interruption.
type Mark struct {
	Position
	// Token is what the source needs to go on there: the version of a file, or the
	// link to the next page of a search. The link may be a credential, and is not
	// for logs. "" where the source cannot go on, but only begin again.
	Token string
}
