-- Rows that were computed for promotes that did not end do not know of what is promoted now.
INSERT INTO `_kept` (`kept`, `run_number`, `run_id`, `version`, `follows`)
SELECT `kept`, `run_number`, `run_id`, {version:UInt64}, false
FROM `_kept` FINAL
WHERE `follows` AND (`run_number`, `run_id`) NOT IN (SELECT `run_number`, `run_id` FROM `_promoted`)
