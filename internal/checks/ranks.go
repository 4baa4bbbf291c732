package checks

import (
	"fmt"
	"maps"
	"slices"
)

// Unranked counts the versions of resources that could not be ranked by time, by their
// tables: they say nothing of when they were changed, or what cannot be read.
func Unranked(missing, unreadable map[string]int64) (found []Finding) {
	tables := maps.Clone(missing)
	maps.Copy(tables, unreadable)
	for _, t := range slices.Sorted(maps.Keys(tables)) {
		n := missing[t] + unreadable[t]
		f := Finding{Check: "unranked", Subject: t, Grade: Info, Found: float64(n)}
		f.Text = fmt.Sprintf("%d versions could not be ranked by time: they have no meta.lastUpdated; of one export the greater meta.versionId counts, else the later line", n)
		if bad := unreadable[t]; bad > 0 {
			f.Grade = Warn
			f.Text = fmt.Sprintf("%d versions could not be ranked by time: %d have no meta.lastUpdated, %d one that cannot be read; of one export the greater meta.versionId counts, else the later line", n, missing[t], bad)
		}
		found = append(found, f)
	}
	return found
}
