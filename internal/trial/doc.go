// Package trial runs a mapping on sample lines, without a lake, to show its author
// what it gives.
//
//	files ──pages──▶ Flatten ──results──▶ Rows: the first rows of each table
//	                                └───▶ Keys: rows that have the same key
package trial
