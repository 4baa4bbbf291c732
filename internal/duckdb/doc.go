// Package duckdb writes what DuckDB reads a lake by: a script that makes its tables and
// the analysts' views, and a dbt project that maps it to the Tuva Project's input layer.
//
//	mappings ──┐                       ┌─▶ Script:  CREATE VIEW …, for the duckdb command
//	           ├─▶ tables and views ───┤
//	views ─────┘                       └─▶ Project: dbt models, for the_tuva_project
package duckdb
