// Package pipeline is a run: it wires extract → transform → load, makes what it
// did durable by checkpoints, and shows it to readers at once. It is the only
// package that knows the stages.
//
//	Source ──pages──▶ workers: flatten ──batches──▶ Parquet parts, ClickHouse partition
//	                     │ every 50 pages and at the end
//	                     └─▶ checkpoint: parts renamed, inserts acknowledged, bad lines kept, then one ledger transaction
//	all files done ──▶ promote: ClickHouse, the lake's current state, the ledger ──▶ Source.Finish
//
// What a crash leaves is settled when the lake is opened next: a run whose promote
// had begun is completed, any other is dropped.
package pipeline
