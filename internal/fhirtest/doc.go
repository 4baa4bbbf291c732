// Package fhirtest is a FHIR Bulk Data server for the demo, for tests and for
// benchmarks. It serves whatever NDJSON is in a folder, and misbehaves on demand.
//
//	folder ──catalogue──▶ sources ──kick-off, selection──▶ output files ──▶ manifest, downloads
//	                                 (byte ranges of a source,
//	                                  or what a filter left, in a temporary folder)
//
// It speaks the Bulk Data Access IG from STU1 to STU4 and SMART Backend
// Services: it verifies assertions, refuses a token where none may be sent and
// answers every error with an OperationOutcome. An export is made while its
// kick-off is answered, so that the number of 202s that follow is Options.Polls
// and nothing else; time comes from a clock that a test may set. A Fault is how
// an answer differs from that, once or always.
//
// Every resource of the folder is current: the server keeps no versions. A
// test changes what the server holds by changing the files between exports.
package fhirtest
