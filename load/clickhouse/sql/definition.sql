CREATE TABLE IF NOT EXISTS `_definition`
(
    `name` String COMMENT 'Name of a table or view',
    `hash` UInt64 COMMENT 'xxh3 of the statement that made it',
    `made_at` DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC') COMMENT 'UTC; the last counts'
)
ENGINE = ReplacingMergeTree(`made_at`)
ORDER BY `name`
COMMENT 'How views and tables of claimlake were made, so that only what has changed is made anew.'
