package checks

import (
	"fmt"
	"time"
)

// Clocks are what a transactionTime is compared with.
type Clocks struct {
	TransactionTime time.Time     // of the run; zero where it has none
	Here            time.Time     // this machine's clock
	Server          time.Time     // the server's, when it gave the transactionTime; zero where it is not known
	Last            time.Time     // the transactionTime from which the source was last asked on; zero before the first
	Skew            time.Duration // by which clocks may differ
}

// Clock looks whether a transactionTime can be the next _since: one in the future would
// skip all that changes until then, and one before the last says that one of the two is
// wrong.
func Clock(c Clocks) (found []Finding) {
	if c.TransactionTime.IsZero() {
		return nil
	}
	fail := func(check string, at time.Time, format string) {
		apart := c.TransactionTime.Sub(at)
		found = append(found, Finding{
			Check: check, Grade: Fail, Found: apart.Seconds(), Expected: c.Skew.Seconds(),
			Text: fmt.Sprintf(format, c.TransactionTime.UTC().Format(time.RFC3339), at.UTC().Format(time.RFC3339)),
		})
	}
	if c.TransactionTime.After(c.Here.Add(c.Skew)) {
		fail("future", c.Here, "the export's transactionTime %s is after this machine's time %s: the next sync would miss what changes until then; is one of the clocks wrong?")
	}
	if !c.Server.IsZero() && c.TransactionTime.After(c.Server.Add(c.Skew)) {
		fail("server_clock", c.Server, "the export's transactionTime %s is after the server's own time %s: the next sync would miss what changes until then")
	}
	if c.TransactionTime.Before(c.Last) {
		fail("backwards", c.Last, "the export's transactionTime %s is before that of the last sync, %s: has the server's clock been set, or a backup been restored? A sync --full loads what it has")
	}
	return found
}

// Incomplete is that the server says it could not export all. What failed is named by
// text, of which no sync would ask again.
func Incomplete(errors int, text string) []Finding {
	if errors == 0 {
		return nil
	}
	return []Finding{{Check: "export_errors", Grade: Fail, Found: float64(errors), Text: "the server says that it could not export all: " + text}}
}
