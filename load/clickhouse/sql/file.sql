CREATE TABLE IF NOT EXISTS `_file_v`
(
    `file_id` String COMMENT 'The file',
    `run_id` String COMMENT 'The run that read it; see _run',
    `name` String COMMENT 'Path, or URL without its query',
    `resource_type` LowCardinality(String) COMMENT 'As announced; empty when any type may come',
    `bytes` Int64 COMMENT 'Bytes read, decoded',
    `sha256` String COMMENT 'Of the decoded bytes, hex; empty when not computed',
    `lines` Int64 COMMENT 'Lines read, blank ones not counted',
    `landed` Int64 COMMENT 'Lines that became rows',
    `unchanged` Int64 COMMENT 'Lines that were loaded before',
    `unmapped` Int64 COMMENT 'Lines of resource types without a mapping',
    `rejected` Int64 COMMENT 'Lines that could not be used',
    `retrieved_at` DateTime64(6, 'UTC') COMMENT 'When the file was requested, UTC',
    `recorded_at` DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC') COMMENT 'When this row was written; the last counts'
)
ENGINE = ReplacingMergeTree(`recorded_at`)
ORDER BY (`run_id`, `file_id`)
COMMENT 'Every file that was read; read the view _file instead.'
