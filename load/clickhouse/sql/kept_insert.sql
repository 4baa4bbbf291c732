INSERT INTO {{name .Table}} ({{names "" .ColumnNames}}, `_copy`, `_deleted`, `_run_number`, `_row_version`)
SELECT {{names "" .ColumnNames}}, toUInt32(row_number() OVER (PARTITION BY {{names "" .Identity}})), false, {run:UInt32}, {version:UInt64}
FROM
(
{{.SQL}}
) AS computed
{{if .Some}}WHERE {{template "refreshed" .}}{{end}}
SETTINGS optimize_on_insert = 0, insert_deduplicate = 0
{{- define "refreshed"}}
{{- if .Kept.Patient}}({{name .Kept.Source}}, ifNull({{name .Kept.Patient}}, '')) IN ({{template "touched" .}})
{{- else}}(({{name (index .Kept.Pair 0)}}, {{name (index .Kept.Pair 1)}}) IN ({{template "own" .}}) OR ({{name (index .Kept.Pair 2)}}, {{name (index .Kept.Pair 3)}}) IN ({{template "own" .}})){{end}}{{end}}
{{- define "own"}}SELECT `source`, `id` FROM `_reading` WHERE `resource` = {{text .Main}} AND `own`{{if gt .Chunks 1}} AND `chunk` = {{.Chunk}}{{end}}{{end}}
