CREATE OR REPLACE TABLE {{name .Table}}
ENGINE = Memory
COMMENT 'Scratch of a promote; may be dropped.'
AS SELECT * FROM
(
{{.SQL}}
)
