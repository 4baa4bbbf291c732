-- Patients that share a value with few others, and one of these came or left: what is
-- computed of them may depend on how many share it.
INSERT INTO `_touched`
WITH each AS
(
    SELECT `source`, `patient`, `value`, groupBitOr(`state`) AS `states`
    FROM
    (
        SELECT {{name .Kept.Source}} AS `source`, {{name .Kept.Patient}} AS `patient`, {{name .Kept.Shared}} AS `value`, toUInt8(1) AS `state`
        FROM {{name .Table}} FINAL PREWHERE `_run_number` IN (SELECT `run_number` FROM `_promoted`) AND (`source`, `value`) IN ({{template "values" .}}) WHERE NOT `_deleted`
        UNION ALL
        SELECT {{name .Kept.Source}} AS `source`, {{name .Kept.Patient}} AS `patient`, {{name .Kept.Shared}} AS `value`, toUInt8(2) AS `state`
        FROM {{name .Table}} FINAL PREWHERE {{template "visible"}} AND (`source`, `value`) IN ({{template "values" .}}) WHERE NOT `_deleted`
    )
    GROUP BY `source`, `patient`, `value`
)
SELECT DISTINCT `source`, `patient`
FROM each
WHERE (`source`, `patient`) NOT IN (SELECT `source`, `patient` FROM `_touched`) AND (`source`, `value`) IN
(
    SELECT `source`, `value` FROM each GROUP BY `source`, `value`
    HAVING countIf(`states` <> 3) > 0 AND least(countIf(bitAnd(`states`, 1) > 0), countIf(bitAnd(`states`, 2) > 0)) < {{.Few}}
)
{{define "values"}}SELECT {{name .Kept.Source}}, {{name .Kept.Shared}} FROM {{name .Table}} WHERE {{template "visible"}} AND ({{name .Kept.Source}}, {{name .Kept.Patient}}) IN (SELECT `source`, `patient` FROM `_touched`){{end}}
