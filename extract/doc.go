// Package extract gets pages of NDJSON lines from a FHIR server's bulk export
// (Bulk Data Access IG, STU1 to STU4) or from local files.
//
//	Kickoff ──▶ Job ──Wait──▶ Manifest ──▶ File ──Download──▶ pages ──▶ transform
//	                            │  └── asked again when the links have expired
//	                            └──▶ Delete, once everything is durable
//
// A download is one stream, whatever happens to its connections: it goes on
// where it was cut, or is read again and checked to be the same up to there. It ends
// where something shows that it is whole (ending.go); no error is an end, whatever it
// wraps. Whether and when a failed request is
// sent again is decided in retry.go, and nowhere else. Who may see the access
// token is decided in trust.go.
package extract
