// Package ledger is the sync state table: the only place that says what is
// done. It is a SQLite database in the lake and holds runs, their files,
// the pages that are durable, the Parquet parts that hold them, and what was
// rejected.
//
//	run ──▶ file ──▶ page        what was read
//	 └────▶ part                 where its rows are
//	 └────▶ reject, value_reject what could not be used (never the content)
//	 │      value_example        where the first such values stood
//	 │      replayed             which of the lines could be used later
//	 └────▶ coverage             what a sample's values reach, by path
//
// The schema is that of migrations/, which Open applies in their order; user_version says
// how many a ledger has.
//
// Everything on disk or in ClickHouse that the ledger does not know is garbage
// of a dead run and may be removed.
package ledger
