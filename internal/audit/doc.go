// Package audit is the trail of who did what with the data of a lake: append-only
// lines of JSON, each with the hash of the line before and a signature.
//
//	event ──▶ line n: {…, "prev": hash of line n-1, "sig": …} ──fsync──▶ head: {n, hash of line n, sig}
//
// An event is durable before the effect that it records. What was altered, lost or put
// in another order shows: a line does not fit its signature, the next one's hash, or
// the head. None can be made without the key. Who has the key, or puts back an older
// copy of the whole folder, is found only with a head that was kept elsewhere; see
// Verify.
//
// Events hold no data of patients: names, numbers, times and classes of errors alone.
package audit
