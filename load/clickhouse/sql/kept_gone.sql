-- Rows that readers see and that are no longer among those of touched patients.
INSERT INTO {{name .Table}} ({{names "" .Identity}}, `_copy`, `_deleted`, `_run_number`, `_row_version`)
SELECT {{names "" .Identity}}, `_copy`, true, {run:UInt32}, {version:UInt64}
FROM {{name .Table}} FINAL
PREWHERE `_run_number` IN (SELECT `run_number` FROM `_promoted`) AND {{template "refreshed" .}}
WHERE NOT `_deleted` AND ({{names "" .Identity}}, `_copy`) NOT IN (SELECT {{names "" .Identity}}, `_copy` FROM {{name .Table}} WHERE `_run_number` = {run:UInt32})
SETTINGS transform_null_in = 1, optimize_on_insert = 0, insert_deduplicate = 0
