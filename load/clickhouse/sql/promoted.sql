CREATE TABLE IF NOT EXISTS `_promoted`
(
    `run_number` UInt32 COMMENT 'Number of the run; the partition of its rows',
    `run_id` String COMMENT 'The run; see _run',
    `promoted_at` DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC') COMMENT 'When readers began to see the run, UTC'
)
ENGINE = ReplacingMergeTree
ORDER BY `run_number`
COMMENT 'The runs that readers see. One row makes all tables of a run visible at once.'
