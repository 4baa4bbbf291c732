SELECT sum(n) FROM
(
{{- range $i, $s := .Subjects}}
    {{if $i}}UNION ALL {{end}}SELECT count() AS n FROM {{name .Versions}} WHERE {{template "visible"}}{{if not $.Whole}} AND (`_source`, {{template "patient" .}}) IN (SELECT `source`, `patient` FROM `_touched`){{end}}
{{- end}}
)
