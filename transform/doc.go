// Package transform is to flatten FHIR resources: lineage.Pages in, Arrow
// record batches out. It has the mapping language so far: ParseMapping reads
// what a person writes, with every mistake told by line and column, and the
// conversions of single values, which are exact.
//
// A mapping says in gjson paths which elements become rows and which values
// become columns.
package transform
