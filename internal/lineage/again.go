package lineage

import (
	"fmt"
	"regexp"
	"strconv"
)

// AgainMark is how the _file_id of a row begins that a run loaded once more, since of all
// copies of its resource it is the one that counts. Of rows of one _version and run it
// ranks highest, but for tombstones.
const AgainMark = "again-"

// AgainFile is the _file_id of rows that are loaded once more; run is the number of the
// run that read them, and fileID their file there. The line stays what it was.
func AgainFile(run uint32, fileID string) string {
	return fmt.Sprintf("%s%d-%s", AgainMark, run, fileID)
}

var againFile = regexp.MustCompile(`^` + AgainMark + `([0-9]+)-(.+)$`)

// AgainOf gives the run and the file of which a _file_id is; ok is false where its rows
// were not loaded once more.
func AgainOf(fileID string) (run uint32, file string, ok bool) {
	m := againFile.FindStringSubmatch(fileID)
	if m == nil {
		return 0, fileID, false
	}
	n, err := strconv.ParseUint(m[1], 10, 32)
	if err != nil {
		return 0, fileID, false
	}
	return uint32(n), m[2], true
}
