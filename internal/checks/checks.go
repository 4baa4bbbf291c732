// Package checks grades what a run brought, before readers see it: compared with what was
// announced, and with what earlier runs of the same source brought.
//
//	counts of the run, counts of earlier runs ──▶ findings: info, warn or fail
//
// It knows numbers only. Who holds a run back for a failure is the pipeline.
package checks

import (
	"fmt"
	"maps"
	"slices"
)

// The grades of findings.
const (
	Info = "info"
	Warn = "warn" // somebody should look
	Fail = "fail" // readers must not see the run before somebody has looked
)

// Finding is one thing that was looked at and is worth saying. It holds no content.
type Finding struct {
	Check    string // such as rejected
	Subject  string // file, resource type or column; "" for the run
	Grade    string
	Found    float64
	Expected float64
	Text     string
}

// File is what became of a file of a run.
type File struct {
	ID        string
	Type      string // resource type; "" where any may come
	Announced int64  // lines, as the server said; -1 where it did not
	Lines     int64
	Other     int64 // lines without a resource that servers count or not: blank ones, headers of blocks
	Rejected  int64
	MaxShort  float64 // share of Announced that may not come: the server counts too many; 0 for none
	Short     string  // why it may not be whole, apart from Announced; "" for no reason
	SHA256    string  // of what it has; "" where that is not known
}

// Short says why a file may have less than there is; "" where nothing speaks for that.
func Short(f File) string {
	if f.Lines < f.Announced && f.Lines+f.Other != f.Announced {
		return fmt.Sprintf("the server announced %d lines, the file has %d", f.Announced, f.Lines)
	}
	return f.Short
}

// Announced compares each file with what the server announced of it. One that has less
// is a failure: its end was cut off, or resources were left out. So much less as MaxShort
// allows, or more, was counted wrong.
func Announced(files []File) (found []Finding) {
	for _, f := range files {
		grade, text := Fail, Short(f)
		if text != "" && f.Short == "" {
			if grade = Warn; float64(f.Announced-f.Lines) > f.MaxShort*float64(f.Announced) {
				grade, text = Fail, text+" (where the server counts too many every time, checks.max_short says how much may be missing)"
			}
		}
		if text == "" && f.Announced >= 0 && f.Announced < f.Lines {
			grade, text = Warn, fmt.Sprintf("the server announced %d lines, the file has %d", f.Announced, f.Lines)
		}
		if text == "" {
			continue
		}
		found = append(found, Finding{
			Check: "announced", Subject: f.ID, Grade: grade, Found: float64(f.Lines), Expected: float64(f.Announced),
			Text: text,
		})
	}
	return found
}

// Repeated fails where files of an export have the same bytes: the server may have sent one
// in another's place, as SMART's reference server does with files that are organized by
// patient. A line alone, such as that of a payer, may well come twice.
func Repeated(files []File) (found []Finding) {
	first := map[string]string{}
	for _, f := range files {
		if f.SHA256 == "" || f.Lines < 2 {
			continue
		}
		if id, ok := first[f.SHA256]; ok {
			found = append(found, Finding{Check: "repeated_file", Subject: f.ID, Grade: Fail, Found: float64(f.Lines), Text: "it has the same bytes as " + id + ": the server may have sent that one in its place"})
			continue
		}
		first[f.SHA256] = f.ID
	}
	return found
}

// Deletions looks at files of deletions that have less than the server announced. A count
// is of Bundles, or of the deletions in them, so that fewer lines are only worth a look.
func Deletions(files []File) (found []Finding) {
	for _, f := range files {
		short := Short(f)
		if short == "" {
			continue
		}
		grade := Warn
		if f.Short != "" {
			grade, short = Fail, f.Short
		}
		found = append(found, Finding{Check: "announced", Subject: f.ID, Grade: grade, Found: float64(f.Lines), Expected: float64(f.Announced), Text: short})
	}
	return found
}

// Rejected looks at the share of lines that could not be used, by resource type. More
// than most, such as 0.1, is a failure; 0 is no limit.
func Rejected(files []File, most float64) (found []Finding) {
	lines, rejected := map[string]int64{}, map[string]int64{}
	for _, f := range files {
		lines[f.Type] += f.Lines
		rejected[f.Type] += f.Rejected
	}
	for _, t := range slices.Sorted(maps.Keys(rejected)) {
		if rejected[t] == 0 {
			continue
		}
		share := float64(rejected[t]) / float64(lines[t])
		f := Finding{Check: "rejected", Subject: t, Grade: Warn, Found: share, Expected: 0, Text: fmt.Sprintf("%d of %d lines could not be used", rejected[t], lines[t])}
		if most > 0 && share > most {
			f.Grade, f.Expected = Fail, most
		}
		found = append(found, f)
	}
	return found
}

// Missing names the types that were asked for and of which no file came: there are
// none, or the client may not read them. Where all was asked for, that is worth a look.
func Missing(types []string, full bool) (found []Finding) {
	grade := Info
	if full {
		grade = Warn
	}
	for _, t := range types {
		found = append(found, Finding{Check: "missing_type", Subject: t, Grade: grade, Text: "asked for, and no file has any"})
	}
	return found
}

// newShare is the share of patients that may be new without a word, and newFrom the
// number of known ones from which on it is looked at.
const (
	newShare = 0.2
	newFrom  = 100
)

// NewPatients looks at how many patients nobody has seen before: when ids change, all
// are new.
func NewPatients(added, known int) []Finding {
	share := float64(added) / float64(max(known, 1))
	if known < newFrom || share <= newShare {
		return nil
	}
	return []Finding{{
		Check: "new_patients", Subject: "Patient", Grade: Warn, Found: share, Expected: newShare,
		Text: fmt.Sprintf("%d patients are new, %d were known: have their ids changed?", added, known),
	}}
}
