-- The scratch of promotes, and partitions of runs that readers do not see.
SELECT `name` AS `table`, '' AS `partition`
FROM system.tables
WHERE database = currentDatabase() AND (startsWith(`name`, '_winners_') OR startsWith(`name`, '_scratch_') OR `name` IN ('_touched', '_reading'))
UNION ALL
SELECT DISTINCT `table`, `partition`
FROM system.parts
WHERE database = currentDatabase() AND active
AND `table` IN ({{range $i, $t := .}}{{if $i}}, {{end}}{{text $t}}{{end}})
AND toUInt32OrZero(`partition`) NOT IN (SELECT `run_number` FROM `_promoted`)
