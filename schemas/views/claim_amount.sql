-- What each claim costs: one row per explanation of benefit, and for each kind of amount the sum that counts and where it is from; claim_balance has the same by row. The rows of claim_line add up to it.
WITH said AS (
    SELECT
        _source, claim_id
{{- range amounts}},
        max(CASE WHEN kind = '{{.Kind}}' THEN amount END) AS {{.Kind}},
        max(CASE WHEN kind = '{{.Kind}}' THEN taken_from END) AS {{.Kind}}_from,
        max(CASE WHEN kind = '{{.Kind}}' THEN header_amount END) AS {{.Kind}}_header
{{- end}}
    FROM claim_balance
    GROUP BY _source, claim_id
)
SELECT
    e._source AS _source, -- Name of the source
    e.id AS claim_id, -- Id of the explanation of benefit
    e.patient_id AS patient_id, -- Patient
{{- range amounts}}
    s.{{.Kind}} AS {{.Name}}, -- {{.Description}}: the sum that counts
    s.{{.Kind}}_from AS {{.Kind}}_from, -- {{.Description}}: where the sum is from, see claim_balance
    s.{{.Kind}}_header AS {{.Kind}}_header, -- {{.Description}}: what the header says
{{- end}}
    {{claimType}} AS claim_type -- institutional, professional, pharmacy, dental, vision or undetermined
FROM explanation_of_benefit AS e
LEFT JOIN said AS s ON s._source = e._source AND s.claim_id = e.id
