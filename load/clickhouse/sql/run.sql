CREATE TABLE IF NOT EXISTS `_run_v`
(
    `run_id` String COMMENT 'The run',
    `run_number` UInt32 COMMENT 'Its number; rises with every run',
    `source` LowCardinality(String) COMMENT 'Name of the source in the configuration',
    `kind` LowCardinality(String) COMMENT 'sync or flatten',
    `state` LowCardinality(String) COMMENT 'promoted or failed',
    `started_at` DateTime64(6, 'UTC') COMMENT 'UTC',
    `finished_at` DateTime64(6, 'UTC') COMMENT 'UTC',
    `transaction_time` Nullable(DateTime64(6, 'UTC')) COMMENT 'Of the export, UTC',
    `mapping` String COMMENT 'Hash over all mappings in use',
    `files` Int64 COMMENT 'Files read',
    `bytes` Int64 COMMENT 'Bytes read, decoded',
    `lines` Int64 COMMENT 'Lines read, blank ones not counted',
    `landed` Int64 COMMENT 'Lines that became rows',
    `unchanged` Int64 COMMENT 'Lines that were loaded before',
    `unmapped` Int64 COMMENT 'Lines of resource types without a mapping',
    `rejected` Int64 COMMENT 'Lines that could not be used',
    `recorded_at` DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC') COMMENT 'When this row was written; the last counts'
)
ENGINE = ReplacingMergeTree(`recorded_at`)
ORDER BY `run_id`
COMMENT 'Every run that was loaded; read the view _run instead.'
