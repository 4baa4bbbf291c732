CREATE OR REPLACE VIEW `_run` AS SELECT * FROM `_run_v` FINAL
COMMENT 'Every run that was loaded. The column _run_id of each table refers to it.'
