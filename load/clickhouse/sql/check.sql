CREATE TABLE IF NOT EXISTS `_check_v`
(
    `run_id` String COMMENT 'The run that was checked; see _run',
    `check_name` LowCardinality(String) COMMENT 'What was looked at, such as rejected or volume',
    `subject` String COMMENT 'File, resource type or table; empty for the run',
    `grade` LowCardinality(String) COMMENT 'info, warn (somebody should look) or fail (somebody accepted it)',
    `found` Float64 COMMENT 'The number that was found',
    `expected` Float64 COMMENT 'The number that was expected, or the limit',
    `detail` String COMMENT 'The same in words',
    `recorded_at` DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC') COMMENT 'When this row was written; the last counts'
)
ENGINE = ReplacingMergeTree(`recorded_at`)
ORDER BY (`run_id`, `check_name`, `subject`)
COMMENT 'What the checks of each run found; read the view _check instead.'
