-- Partitions of runs with few rows that readers see, also those whose queries began a while ago.
SELECT table, toUInt32(partition) AS run
FROM system.parts
WHERE database = currentDatabase() AND active
    AND table IN ({{range $i, $t := .Tables}}{{if $i}}, {{end}}{{text $t}}{{end}})
    AND toUInt32(partition) IN (SELECT `run_number` FROM `_promoted` WHERE `promoted_at` <= now64(6, 'UTC') - INTERVAL {{.Seconds}} SECOND)
GROUP BY table, run
HAVING sum(rows) < {{.Rows}}
ORDER BY table, run
