package lineage

import (
	"github.com/apache/arrow/go/v17/arrow"

	"github.com/claimlake/claimlake/internal/table"
)

// Names of the lineage columns, which end every row of every table.
const (
	Source          = "_source"           // name of the source
	RunID           = "_run_id"           // the run that loaded the row
	FileID          = "_file_id"          // the file it was read from
	Line            = "_line"             // number of the line in that file, from 1
	RetrievedAt     = "_retrieved_at"     // when the file was requested
	TransactionTime = "_transaction_time" // the export's transactionTime
	Mapping         = "_mapping"          // name and hash of the mapping
	Hash            = "_hash"             // xxh3 of the raw line; keyed under a policy that has a key
	Version         = "_version"          // meta.lastUpdated, else the transactionTime; under a policy with pseudonyms a rank
	Deleted         = "_deleted"          // a tombstone: never true in the lake's current state
)

// Fields returns the lineage columns as Arrow fields, in the order in which
// they end every table.
func Fields() []arrow.Field {
	text := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	instant := &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	field := func(name string, t arrow.DataType, mappingType, description string) arrow.Field {
		return table.Field(name, t, false, mappingType, "", description)
	}
	return []arrow.Field{
		field(Source, text, "code", "Name of the source the row came from"),
		field(RunID, text, "code", "Run that loaded the row; see _run"),
		field(FileID, text, "code", "File the row was read from; see _file"),
		field(Line, arrow.PrimitiveTypes.Int64, "int64", "Number of the line in that file, from 1"),
		field(RetrievedAt, instant, "instant", "When the file was requested, UTC"),
		field(TransactionTime, instant, "instant", "The export's transactionTime, UTC"),
		field(Mapping, text, "code", "Name and hash of the mapping that made the row"),
		field(Hash, arrow.PrimitiveTypes.Uint64, "hash", "Hash of the raw line: xxh3 (64 bits), or keyed by the policy's key"),
		field(Version, instant, "instant", "The resource's meta.lastUpdated, or the transactionTime where it has none; where ids are pseudonyms, a rank that is no time"),
		field(Deleted, arrow.FixedWidthTypes.Boolean, "boolean", "True for a tombstone, which readers never see"),
	}
}
