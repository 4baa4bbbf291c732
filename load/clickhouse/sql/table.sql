CREATE TABLE IF NOT EXISTS {{name .Versions}}
(
{{- range .Columns}}
    {{name .Name}} {{.Type}}{{with .Comment}} COMMENT {{text .}}{{end}}{{with .Codec}} CODEC({{.}}){{end}},
{{- end}}
    `_run_number` UInt32 COMMENT 'Number of the run that loaded the row; the partition',
    `_row_version` UInt128 DEFAULT bitOr(bitOr(bitShiftLeft(toUInt128(toUnixTimestamp64Micro(`_version`) + 4611686018427387904), 64), bitShiftLeft(toUInt128(`_run_number`), 32)), toUInt128(bitShiftRight(`_hash`, 32))) COMMENT 'Rank of the row among those with its key: version, run, hash. The highest counts'
)
ENGINE = ReplacingMergeTree(`_row_version`)
PARTITION BY `_run_number`
ORDER BY ({{names "" .SortKey}})
SETTINGS non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 268435456{{with .MergeBase}}, merge_selector_base = {{.}}{{end}}
COMMENT {{text (printf "%s Every version of each row; read the view %s instead." .Description .Name)}}
