// Package value reads the values of FHIR's primitive types from the bytes of a JSON
// document, exactly and without allocating: decimals as 128-bit numbers, dates with their
// precision, references as type and id.
package value
