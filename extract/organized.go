package extract

import (
	"bytes"

	"github.com/tidwall/gjson"
)

// blankHeaders overwrites with spaces each line of data that is a Parameters
// resource: it only names the block of resources that follows (Bulk Data,
// "organizeOutputBy").
func blankHeaders(data []byte) {
	for start := 0; start < len(data); {
		line := data[start:]
		if n := bytes.IndexByte(line, '\n'); n >= 0 {
			line = line[:n]
		}
		if isHeader(line) {
			for i := range line {
				line[i] = ' '
			}
		}
		start += len(line) + 1
	}
}

// isHeader looks for the word first: few lines have it, and parsing is dear.
func isHeader(line []byte) bool {
	return bytes.Contains(line, []byte(`"Parameters"`)) && gjson.GetBytes(line, "resourceType").Str == "Parameters"
}
