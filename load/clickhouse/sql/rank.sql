-- How new rows are ranked. Those of before keep their ranks, which decide among copies of
-- one run only.
ALTER TABLE {{name .Versions}} MODIFY COLUMN `_row_version` UInt128 DEFAULT {{template "rank"}}
{{define "rank"}}bitOr(bitOr(bitShiftLeft(toUInt128(toUnixTimestamp64Micro(`_version`) + 4611686018427387904), 64), bitShiftLeft(toUInt128(`_run_number`), 32)), toUInt128(multiIf(`_deleted`, 4294967295, startsWith(`_file_id`, 'again-'), 4294967294, bitShiftRight(`_hash`, 33)))){{end}}
