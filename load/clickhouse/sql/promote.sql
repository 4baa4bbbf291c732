-- One block, so that readers see all of the runs or none.
INSERT INTO `_promoted` (`run_number`, `run_id`) VALUES {{range $i, $run := .}}{{if $i}}, {{end}}({{$run.Number}}, {{text $run.ID}}){{end}}
