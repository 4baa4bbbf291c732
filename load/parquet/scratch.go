package parquet

// scratch is room for one page, which all columns of a Writer need one after another.
type scratch struct {
	rep, def, body []byte  // of the current page; body is room for a dictionary too
	packed         []byte  // body compressed
	whole          []byte  // levels and body of a page of version 1
	numbers        []int64 // of the current rows
}
