CREATE TABLE IF NOT EXISTS {{name .Versions}}
(
{{- range .Columns}}
    {{name .Name}} {{.Type}}{{with .Comment}} COMMENT {{text .}}{{end}}{{with .Codec}} CODEC({{.}}){{end}},
{{- end}}
    `_run_number` UInt32 COMMENT 'Number of the run that loaded the row; the partition',
    `_row_version` UInt128 DEFAULT {{template "rank"}} COMMENT 'Rank of the row among those with its key: version, run, and within a run tombstones, then what was loaded once more. The highest counts'
)
ENGINE = ReplacingMergeTree(`_row_version`)
PARTITION BY `_run_number`
ORDER BY ({{names "" .SortKey}})
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 268435456{{with .MergeBase}}, merge_selector_base = {{.}}{{end}}
COMMENT {{text (printf "%s Every version of each row; read the view %s instead." .Description .Name)}}
