// Package views holds what claims analysts ask of the tables, as SQL: claim lines
// with their amounts, which version of a claim counts, duplicates, spans of
// coverage, and the Tuva Project's input layer. Each file is one view, written once
// and rendered for two dialects:
//
//	*.sql ──template──▶ ClickHouse: views next to the tables, made at each load
//	                └─▶ DuckDB: views over the lake's Parquet files (internal/duckdb)
//
// tuva/ has the views that only Tuva's dbt package reads, in DuckDB: the lake's tables
// have their names, so that they are none of the analysts' views.
//
// A view reads the tables of the built-in mappings. Every column of its last SELECT
// ends in a comment, which becomes the documentation.
package views
