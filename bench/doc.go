// Command bench measures claimlake against others on one input in one run, and
// checks that they made the same rows.
//
//	internal/synth ──▶ data/eob-300.ndjson ─┬─▶ bin/claimlake flatten ──▶ Parquet ─┐
//	schemas ─▶ readMapping ─┐               └─▶ DuckDB, ClickHouse … ──▶ Parquet ──┴─▶ check
//	input ──▶ observe ──────┴─▶ walker ──▶ SQL ─────▲
//
// Every contender is a process of its own, measured whole and from outside. The SQL
// is made from the same mapping that claimlake reads, so that all columns are there,
// but by a second reading of it that shares no code with the product's.
//
// What the others are spared: the paths of the mapping that this input has no
// element for, partial dates, references other than Type/id and #id, the hash of each
// line, values that do not fit their column, the record of what was rejected and
// the ledger. What the check compares is equal all the same, in this input.
package main
