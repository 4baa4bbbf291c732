package transform

// Why a line could not be used. These texts are stable: reports group by them.
const (
	ReasonNotJSON     = "not JSON"
	ReasonTruncated   = "the line ends inside the JSON"
	ReasonTrailing    = "something follows the resource on its line"
	ReasonNotObject   = "JSON, but not an object"
	ReasonControl     = "a control character in a string"
	ReasonEscape      = "an escape that JSON does not have"
	ReasonNotUTF8     = "not UTF-8"
	ReasonTooDeep     = "nested deeper than 512"
	ReasonTooLong     = "longer than 64 MiB"
	ReasonTooManyRows = "more rows than a line of its length may have"
	ReasonNoType      = "no resourceType"
	ReasonWrongType   = "another resourceType than the file's"
	ReasonNoID        = "no id"
	ReasonBundle      = "a Bundle, not a resource of its own"
	ReasonOutcome     = "an OperationOutcome that tells of an error"
)

// Reject is a line that could not be used. It never holds content.
type Reject struct {
	Line   int64  // number in the file, from 1
	Offset int64  // position of the line in the decoded file, in bytes
	Length int    // of the line without its line end, in bytes
	Reason string // one of the Reason constants
	At     int    // position within the line at which it was noticed, in bytes
}

// Why a value did not fit its column. These texts are stable too; where the
// column's type matters, it is in the column's metadata.
const (
	ValueNotText    = "not a string"
	ValueNotNumber  = "not a number"
	ValueNotBoolean = "not a boolean"
	ValueNotDate    = "not a date"
	ValueOutOfRange = "does not fit the column exactly"
	ValueNearest    = "not of the years 1900 to 2299: the nearest day is stored"
	ValueRounded    = "more decimals than the column has: rounded"
	ValueNotList    = "not a list of the column's type"
	ValueMissingKey = "key column without a value"
	ValueNoVersion  = "not an instant: ranked by versionId, else by place"
	ValueNoTime     = "none: ranked by versionId, else by place"

	ValueNoReference = "a reference that names no id"
)

// stored reports whether a value is in its column all the same, though not exactly.
func stored(reason string) bool {
	return reason == "" || reason == ValueNearest || reason == ValueRounded
}

// ValueReject is a value that did not fit its column: null in the row, or empty
// in a key column; or one that is stored as the nearest that fits.
type ValueReject struct {
	Table  string
	Column string
	Line   int64  // number in the file, from 1
	Reason string // one of the Value constants
}

// ValueCount says how many values of a column did not fit, for one reason.
type ValueCount struct {
	Table  string
	Column string
	Reason string
	Count  int64
}

// maxValueRejects is how many value rejects of a column a Result names for each
// reason; all are counted.
const maxValueRejects = 20
