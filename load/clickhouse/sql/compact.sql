-- Rows of several runs, in the partition of the last of them. Until their partitions are
-- dropped they are there twice, which readers do not see: rows of one key and rank are one.
INSERT INTO {{name .Table}}
SELECT * REPLACE(toUInt32({{.Into}}) AS `_run_number`)
FROM
(
    SELECT * FROM {{name .Table}} FINAL
    PREWHERE `_run_number` IN ({{range $i, $run := .From}}{{if $i}}, {{end}}{{$run}}{{end}})
)
SETTINGS insert_deduplicate = 0
