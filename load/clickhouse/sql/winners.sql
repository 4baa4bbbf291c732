-- Of each resource that the run contests: the copy that counts once the run is
-- promoted. A resource is contested when there may be rows of another copy:
-- {{if .Once}}in a promoted run.{{else}}in a promoted run, or in the run itself.{{end}}
CREATE OR REPLACE TABLE {{name .Winners}}
ENGINE = MergeTree
ORDER BY (`_source`, resource)
COMMENT 'Scratch of a promote; may be dropped.'
AS SELECT {{name .RootID}} AS resource, {{names "" .Lineage}}, `_row_version`
FROM {{name .RootVersions}} FINAL
PREWHERE {{template "visible"}} AND {{name .RootID}} IN
(
    SELECT {{name .RootID}} FROM {{name .RootVersions}} WHERE `_run_number` = {run:UInt32}
    {{- if .Once}} AND {{name .RootID}} IN
    (
        SELECT {{name .RootID}} FROM {{name .RootVersions}} WHERE `_run_number` IN (SELECT `run_number` FROM `_promoted`)
    )
    {{- end}}
)
{{define "visible"}}(`_run_number` = {run:UInt32} OR `_run_number` IN (SELECT `run_number` FROM `_promoted`)){{end}}
