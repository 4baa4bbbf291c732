-- Patients whose rows may be others once the run is promoted: those of the resources that
-- it brought, also of their other copies, and of resources that links connect with them.
CREATE OR REPLACE TABLE `_touched`
ENGINE = MergeTree
ORDER BY (`source`, `patient`)
COMMENT 'Scratch of a promote; may be dropped.'
AS SELECT DISTINCT `_source` AS `source`, `patient`
FROM
(
{{- range $i, $s := .Subjects}}
    {{if $i}}UNION ALL {{end}}SELECT `_source`, {{template "patient" .}} AS `patient` FROM {{name .Versions}} WHERE {{template "visible"}}{{if not $.Whole}} AND (`_source`, {{name .ID}}) IN ({{template "brought" .}}){{end}}
{{- end}}
{{- if not .Whole}}{{range .Links}}
    UNION ALL SELECT `_source`, {{template "patient" .}} AS `patient` FROM {{name .Versions}} WHERE {{template "visible"}} AND (`_source`, {{name .Column}}) IN ({{template "brought" .To}})
    UNION ALL SELECT `_source`, {{template "patient" .To}} AS `patient` FROM {{name .To.Versions}} WHERE {{template "visible"}} AND (`_source`, {{name .To.ID}}) IN (SELECT `_source`, {{name .Column}} FROM {{name .Versions}} WHERE {{template "visible"}} AND (`_source`, {{name .ID}}) IN ({{template "brought" .}}))
{{- end}}{{end}}
)
{{define "brought"}}SELECT `_source`, {{name .ID}} FROM {{name .Versions}} WHERE `_run_number` = {run:UInt32}{{end}}
{{- define "touched"}}SELECT `source`, `patient` FROM `_touched`{{if gt .Chunks 1}} WHERE cityHash64(`patient`) % {{.Chunks}} = {{.Chunk}}{{end}}{{end}}
{{- define "patient"}}CAST(ifNull({{name .Patient}}, ''), 'String'){{end}}
