-- The resources that the rows of touched patients are computed from. Those of their own are
-- all that ever were of such a patient; the others are compared with them.
CREATE OR REPLACE TABLE `_reading`
ENGINE = MergeTree
ORDER BY (`resource`, `chunk`, `source`, `id`)
COMMENT 'Scratch of a promote; may be dropped.'
AS
{{- range $i, $s := .Subjects}}
{{if $i}}UNION ALL {{end}}SELECT DISTINCT {{text .Name}} AS `resource`, toUInt32(cityHash64({{template "patient" .}}) % {{$.Chunks}}) AS `chunk`, `_source` AS `source`, {{name .ID}} AS `id`, (`_source`, {{template "patient" .}}) IN (SELECT `source`, `patient` FROM `_touched`) AS `own`
FROM {{name .Versions}}
WHERE {{template "visible"}} AND {{if $.Across}}{{template "patient" .}} IN (SELECT `patient` FROM `_touched`){{else}}`own`{{end}}
{{- end}}
