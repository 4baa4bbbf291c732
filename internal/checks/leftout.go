package checks

import "fmt"

// LeftOut names the check of what is next to the files of a run and was not read.
const LeftOut = "left_out"

// Outcomes names the check of lines that tell of errors.
const Outcomes = "outcomes"

// maxUnread is how many files of each grade are named; the others are counted.
const maxUnread = 50

// UnreadFile is a file next to those of a run that was not read.
type UnreadFile struct {
	Path string
	Why  string
	Data bool // it looks as if it should have been read
}

// Unread names files that were not read. One that looks like data is a warning.
func Unread(files []UnreadFile) (found []Finding) {
	for _, grade := range []string{Warn, Info} {
		n := 0
		for _, f := range files {
			if f.Data != (grade == Warn) {
				continue
			}
			if n++; n <= maxUnread {
				found = append(found, Finding{Check: LeftOut, Subject: f.Path, Grade: grade, Found: 1, Text: f.Why})
			}
		}
		if more := n - maxUnread; more > 0 {
			found = append(found, Finding{Check: LeftOut, Subject: fmt.Sprintf("%d others", more), Grade: grade, Found: float64(more), Text: "not read, like those named"})
		}
	}
	return found
}

// ErrorOutcomes fails where lines are OperationOutcomes of errors: the server says that
// something is missing.
func ErrorOutcomes(lines int64) []Finding {
	if lines == 0 {
		return nil
	}
	return []Finding{{
		Check: Outcomes, Grade: Fail, Found: float64(lines),
		Text: fmt.Sprintf("%d lines are OperationOutcomes of errors: resources may be missing; claimlake quarantine show has them", lines),
	}}
}
