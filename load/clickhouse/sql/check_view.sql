CREATE OR REPLACE VIEW `_check` AS SELECT * FROM `_check_v` FINAL
COMMENT 'What the checks of each run found, before and after readers saw it.'
