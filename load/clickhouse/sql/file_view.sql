CREATE OR REPLACE VIEW `_file` AS SELECT * FROM `_file_v` FINAL
COMMENT 'Every file that was read. The column _file_id of each table refers to it.'
