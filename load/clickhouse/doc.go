// Package clickhouse loads record batches into ClickHouse, a server or the
// embedded engine, so that the tables are right after any history of runs.
//
//	batch ──Writer──▶ <table>_v, partition of the run ──Promote──▶ tombstones, _promoted ──▶ view <table>
//
// The table <table>_v holds every version of every row, partitioned by run:
// merges never cross partitions, so that a run which is not promoted can hide
// nothing, and a dead run is one DROP PARTITION. Readers use the view <table>,
// which shows of the promoted runs' rows the one with the highest rank, and
// nothing of a run before the one row that Promote puts into _promoted.
//
// The rank of a row, the column _row_version, is (version of the resource, run
// number), and within a run tombstones rank above what the run loaded once more, and that
// above the rest: all rows of a line have the same. A newer version
// may have fewer rows than the one it replaces. What it lacks gets a tombstone
// with the newer version's rank, which therefore outranks the row that went,
// and is outranked by whatever comes later.
//
// Tables, views, comments and the DDL that `claimlake schema --ddl` prints come
// from the Arrow schemas alone.
package clickhouse
