-- Partitions of runs that readers see, with few rows.
SELECT table, toUInt32(partition) AS run
FROM system.parts
WHERE database = currentDatabase() AND active
    AND table IN ({{range $i, $t := .Tables}}{{if $i}}, {{end}}{{text $t}}{{end}})
    AND toUInt32(partition) IN (SELECT `run_number` FROM `_promoted`)
GROUP BY table, run
HAVING sum(rows) < {{.Rows}}
ORDER BY table, run
