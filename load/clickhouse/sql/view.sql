CREATE OR REPLACE VIEW {{name .Name}}
(
{{- range $i, $c := .Columns}}{{if $i}},{{end}}
    {{name $c.Name}} {{$c.Type}}{{with $c.Comment}} COMMENT {{text .}}{{end}}
{{- end}}
)
AS SELECT {{names "" .ColumnNames}}
FROM {{name .Versions}} FINAL
PREWHERE `_run_number` IN (SELECT `run_number` FROM `_promoted` WHERE {{template "pinned"}})
WHERE NOT `_deleted`
COMMENT {{text .Description}}
