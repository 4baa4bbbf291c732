CREATE TABLE IF NOT EXISTS `_kept`
(
    `kept` UUID COMMENT 'The table with the rows of a view; another one of the same name has another UUID',
    `run_number` UInt32 COMMENT 'Number of a run that the rows follow from',
    `run_id` String COMMENT 'The run; see _run',
    `version` UInt64 COMMENT 'Of the rows that were computed then; rises',
    `follows` Bool COMMENT 'False: they were computed for a promote that did not end, and others did since'
)
ENGINE = ReplacingMergeTree(`version`)
ORDER BY (`kept`, `run_number`, `run_id`)
COMMENT 'Which runs the kept rows of views follow from. A view whose rows do not follow from all runs that readers see is computed at every query.'
