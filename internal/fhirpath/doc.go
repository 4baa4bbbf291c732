// Package fhirpath evaluates the FHIRPath expressions that a SQL on FHIR
// ViewDefinition may use (SQL on FHIR, "Required FHIRPath Expressions/Functions" and
// "Optional"), on the JSON of one FHIR resource.
//
//	expression ──Parse──▶ Expr ──Want──▶ Projection ─┐
//	line ────────────────────────────Document.Read───┴▶ Document ──Expr.Eval──▶ []Value
//
// Parse refuses what the package does not know, with its position, so that no
// expression fails on a later resource for want of a function. A Projection holds
// every path that a set of expressions can touch; reading a resource keeps those
// elements and skips the rest.
//
// Collections follow the FHIRPath specification: a path over an array is flat, an
// empty operand gives an empty result, and an operator that wants one item refuses
// more. Decimals are exact. Dates, times and their comparison have precision.
//
// FHIR's JSON does not say the type of most elements, and this package has no model of
// FHIR's structures. The type of an element is known from the name of a choice element
// (valueQuantity), from resourceType, and from constants and literals; a string that is
// compared with a date is read as one.
package fhirpath
