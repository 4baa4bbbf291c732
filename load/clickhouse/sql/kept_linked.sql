-- The same of resources that links connect with those.
INSERT INTO `_reading`
SELECT DISTINCT `resource`, `chunk`, `source`, `id`, false AS `own`
FROM
(
{{- range $i, $l := .Links}}
    {{if $i}}UNION ALL {{end}}SELECT {{text .To.Name}} AS `resource`, r.`chunk` AS `chunk`, l.`_source` AS `source`, assumeNotNull(l.{{name .Column}}) AS `id`
    FROM {{name .Versions}} AS l INNER JOIN (SELECT * FROM `_reading` WHERE `resource` = {{text .Name}}) AS r ON l.`_source` = r.`source` AND l.{{name .ID}} = r.`id`
    WHERE l.{{name .Column}} IS NOT NULL AND {{template "visible"}}
    UNION ALL SELECT {{text .Name}} AS `resource`, r.`chunk` AS `chunk`, l.`_source` AS `source`, l.{{name .ID}} AS `id`
    FROM {{name .Versions}} AS l INNER JOIN (SELECT * FROM `_reading` WHERE `resource` = {{text .To.Name}}) AS r ON l.`_source` = r.`source` AND l.{{name .Column}} = r.`id`
    WHERE {{template "visible"}}
{{- end}}
{{- if .Across}}{{range .Subjects}}
    UNION ALL SELECT {{text .Name}} AS `resource`, r.`chunk` AS `chunk`, s.`_source` AS `source`, s.{{name .ID}} AS `id`
    FROM {{name .Versions}} AS s INNER JOIN (SELECT * FROM `_reading` WHERE `resource` = {{text .Name}} AND `own`) AS r ON s.{{name .ID}} = r.`id`
    WHERE s.`_source` <> r.`source` AND {{template "visible"}}
{{- end}}{{end}}
)
WHERE (`resource`, `chunk`, `source`, `id`) NOT IN (SELECT `resource`, `chunk`, `source`, `id` FROM `_reading`)
