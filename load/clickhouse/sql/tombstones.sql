-- A row that readers would see, but not of the copy that counts: either the run
-- brought a newer version that lacks it, or the run brought an older version
-- that has it.
INSERT INTO {{name .Versions}} ({{names "" .Key}}, {{names "" .Lineage}}, `_run_number`, `_row_version`)
SELECT {{names "live." .Key}}, {{range .Lineage}}{{if eq . "_deleted"}}true{{else}}winner.{{name .}}{{end}}, {{end}}{run:UInt32}, winner.`_row_version`
FROM
(
    SELECT `_source`, {{names "" .Key}}, `_row_version`
    FROM {{name .Versions}} FINAL
    PREWHERE {{template "visible"}} AND {{name .ID}} IN (SELECT resource FROM {{name .Winners}})
    WHERE NOT `_deleted`
) AS live
INNER JOIN {{name .Winners}} AS winner ON live.`_source` = winner.`_source` AND live.{{name .ID}} = winner.resource
WHERE live.`_row_version` < winner.`_row_version`
