package parquet

// Limits of a dictionary. Its table shall fit into the processor's cache: one
// that does not costs more time than it saves bytes.
const (
	minTrialRows       = 1024 // after so many rows a dictionary may be given up
	maxDictionaryTexts = 64 << 10
	maxDictionaryBytes = 2 << 20 // of texts
	maxDictionaryInts  = 16 << 10
	maxDictionaryWide  = 32 << 10 // decimals of 16 bytes: amounts, of which one of few comes again
)

// trial decides whether a column's values repeat often enough for a dictionary.
type trial struct {
	rows   int  // values seen in the row group
	used   bool // a page of the row group refers to the dictionary
	failed bool // no longer a dictionary, in later row groups neither
}

// fails notes rows more values and reports whether the distinct ones are more
// than half of all.
func (t *trial) fails(distinct, rows int) bool {
	t.rows += rows
	return t.rows >= minTrialRows && 2*distinct > t.rows
}

func (t *trial) reset() { t.rows, t.used = 0, false }
