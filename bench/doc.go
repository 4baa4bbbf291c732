// Command bench measures claimlake against others on one input in one run, and
// checks that they made the same rows.
//
//	internal/synth ──▶ data/eob-300.ndjson ─┬─▶ bin/claimlake flatten ─────▶ Parquet ─┐
//	schemas ─▶ readMapping ─┐               └─▶ DuckDB, ClickHouse, gjson ─▶ Parquet ─┴─▶ check
//	input ──▶ observe ──────┴─▶ walker ──▶ SQL ──────▲
//
// Every contender is a process of its own, measured whole and from outside. The SQL
// is made from the same mapping that claimlake reads, so that all columns are there,
// but by a second reading of it that shares no code with the product's.
//
// What is given to the databases: the shape of this very input, so that they are
// spared all paths of the mapping that it has no element for, all types of a value
// but one, partial dates, and references other than Type/id and #id; the way of
// asking that was fastest of those tried (a table in memory, keys of an array looked
// up in a list that is made once a row, two tables written at a time, for ClickHouse
// the old analyzer). They do not check that lines are whole and valid, hash lines, keep
// what does not fit, record what was done, nor make files durable. What the check
// compares is equal all the same, in this input: every column of every row.
//
// The part query/ asks ClickHouse and DuckDB the same of the analysts' views over one lake:
// the first hundred rows, all rows, and those of a patient, a claim or a month.
package main
