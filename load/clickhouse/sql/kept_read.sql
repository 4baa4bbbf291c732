SELECT {{names "" .ColumnNames}} FROM {{name .Table}} FINAL PREWHERE {{template "visible"}}
{{- if .Some}}{{if .Kept.Shared}} AND ((`{{.Kept.Source}}`, {{name .Kept.Patient}}) IN ({{template "touched" .}}) OR (`{{.Kept.Source}}`, {{name .Kept.Shared}}) IN (SELECT `{{.Kept.Source}}`, {{name .Kept.Shared}} FROM {{name .Table}} WHERE {{template "visible"}} AND (`{{.Kept.Source}}`, {{name .Kept.Patient}}) IN ({{template "touched" .}})))
{{- else if .Kept.ID}} AND ({{name .Kept.Source}}, {{name .Kept.ID}}) IN ({{template "resources" .}}){{end}}{{end}} WHERE NOT `_deleted`
