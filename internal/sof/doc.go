// Package sof runs SQL on FHIR ViewDefinitions: flat rows of FHIR resources, by a
// standard that others implement too (SQL on FHIR 2.0 and 3.0.0-ballot).
//
//	ViewDefinition ──Parse──▶ View ──NewReader, one per goroutine──▶ Reader
//	line ─────────────────────────────────────────────────Reader.Rows──▶ rows
//
// Parse reports every mistake of a view with its place, so that a view that parses
// fails on a resource only because of what the resource holds: several values where
// the view allows one, a value of another type, too many rows.
package sof
