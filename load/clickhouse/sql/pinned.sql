{{define "pinned"}}getSetting('{{pin}}') < 1000000000000000 OR toUnixTimestamp64Micro(`promoted_at`) <= getSetting('{{pin}}'){{end}}
