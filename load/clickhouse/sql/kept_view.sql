SELECT {{names "" .ColumnNames}}
FROM {{name .Table}} FINAL
PREWHERE `_run_number` IN (SELECT `run_number` FROM `_promoted` WHERE {{template "pinned"}})
WHERE NOT `_deleted`
