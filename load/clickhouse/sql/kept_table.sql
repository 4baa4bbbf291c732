CREATE TABLE {{name .Table}}
(
{{- range .Columns}}
    {{name .Name}} {{.Type}},
{{- end}}
    `_copy` UInt32 COMMENT 'Number of the row among those that are equal in the key',
    `_deleted` Bool COMMENT 'Whether the row is there no longer',
    `_run_number` UInt32 COMMENT 'Number of the run whose promote computed the row; the partition',
    `_row_version` UInt64 COMMENT 'The highest counts'
    {{- range .Indexes}},
    INDEX {{name (print "by_" .Column)}} {{name .Column}} TYPE {{.Type}} GRANULARITY 1
    {{- end}}
)
ENGINE = ReplacingMergeTree(`_row_version`)
PARTITION BY `_run_number`
ORDER BY ({{names "" .SortKey}})
SETTINGS allow_nullable_key = 1, index_granularity = 1024, min_bytes_for_wide_part = 268435456
COMMENT {{text (printf "Rows of the view %s as promotes computed them; read the view instead." .Name)}}
