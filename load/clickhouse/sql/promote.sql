-- One block, so that readers see all of the runs or none. Its time is later than all before,
-- whatever the clock says: a query that is pinned to one of those never sees it (pin.go).
INSERT INTO `_promoted` (`run_number`, `run_id`, `promoted_at`)
SELECT toUInt32(run.1), run.2, (SELECT greatest(now64(6, 'UTC'), max(`promoted_at`) + INTERVAL 1 MICROSECOND) FROM `_promoted`)
FROM (SELECT arrayJoin([{{range $i, $run := .}}{{if $i}}, {{end}}({{$run.Number}}, {{text $run.ID}}){{end}}]) AS run)
WHERE run.1 NOT IN (SELECT `run_number` FROM `_promoted`)
