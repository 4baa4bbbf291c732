SELECT {{names "" .ColumnNames}} FROM {{name .Versions}} FINAL PREWHERE {{template "visible"}}{{if .Some}} AND (`_source`, {{name .ID}}) IN ({{template "resources" .}}){{end}} WHERE NOT `_deleted`
{{- define "resources"}}SELECT `source`, `id` FROM `_reading` WHERE `resource` = {{text .Main}} AND `chunk` = {{.Chunk}}{{end}}
