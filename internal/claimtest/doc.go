// Package claimtest draws histories of claims and says what they cost, for tests of the
// views:
//
//	Draw ──▶ histories of a member ──Lines──▶ NDJSON as senders spell it ──▶ a lake ──▶ claim_line
//	                               └─Counts─▶ which claims count, by docs/views.md ──▶ the same sums
//	DrawStatements ──▶ explanations of benefit with amounts ──Line──▶ … ──▶ claim_balance
//	                               └─Says─▶ what they say, by docs/views.md ──▶ the same amounts
//
// Counts and Says are written from the text of docs/views.md, claim by claim, and
// share nothing with the SQL of the views.
package claimtest
