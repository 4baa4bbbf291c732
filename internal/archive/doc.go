// Package archive keeps the pages that a run read, as they came, so that a mapping
// can change without asking the server again, and a value can be followed back to
// the resource that it came from.
//
//	page ──zstd──▶ (seal) ──▶ a frame of archive/<run>/pages-*.ndjson.zst ◀── Place, in the ledger
//
// What is in a file without the ledger knowing of it is left from a crash, and Sweep
// removes it. Pages are personal health data: files have mode 0600.
package archive
