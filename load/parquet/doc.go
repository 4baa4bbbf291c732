// Package parquet loads record batches into a lake: a folder of Parquet files
// that any tool can read, with the same meaning as the warehouse's tables.
//
//	batch ──Writer──▶ runs/<run>/<table>/part-….parquet      immutable
//	                       │ Promote: links, or rewrites without rows that lost
//	                       ▼
//	                  snapshots/<n>/<table>/part-….parquet ◀── current, a symlink
//
// current/<table>/*.parquet is the current state of a table, each row once:
// read_parquet('lake/current/claim/*.parquet') is all a reader needs to know.
// A reader who resolves current once sees one state, in all tables, for as long
// as the snapshot stays.
//
// Writing is half of the work of a run, so that each column goes from its Arrow
// array to encoded pages without a row or a value in between: validity bits are
// the definition levels, a batch's dictionary is mapped once, runs of equal
// values are one index. The encodings, compression, Thrift structs and hashes
// are parquet-go's; the pages are put together here, because parquet-go's
// writers take one value at a time.
//
// A resource may come again: from another run, or twice in one. The copy with
// the greatest (version, run number) counts, as in the warehouse; of several in one run
// a tombstone, or the one that the run loaded once more. All rows
// of the other copies, which are known by their run, file and line, stay out of
// the next snapshot. Tombstones outrank older copies and are outranked by newer
// ones; they are kept in _deleted/<table> of a snapshot, so that an older copy
// which is sent again later does not come back.
package parquet
