-- What each claim costs: one row per explanation of benefit, and for each kind of amount the sum that counts and where it is from; claim_balance has the same by row. The rows of claim_line add up to it.
SELECT
    _source AS _source, -- Name of the source
    claim_id AS claim_id, -- Id of the explanation of benefit
    patient_id AS patient_id, -- Patient
{{- range amounts}}
    max(CASE WHEN kind = '{{.Kind}}' THEN amount END) AS {{.Name}}, -- {{.Description}}: the sum that counts
    max(CASE WHEN kind = '{{.Kind}}' THEN taken_from END) AS {{.Kind}}_from, -- {{.Description}}: where the sum is from, see claim_balance
    max(CASE WHEN kind = '{{.Kind}}' THEN header_amount END) AS {{.Kind}}_header, -- {{.Description}}: what the header says
{{- end}}
    max(claim_type) AS claim_type -- institutional, professional, pharmacy, dental, vision or undetermined
FROM claim_balance
GROUP BY _source, claim_id, patient_id
