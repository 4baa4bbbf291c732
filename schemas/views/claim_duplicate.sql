-- Pairs of claims that may be the same, with the rule that says so. Nothing is deleted. Versions of a claim that are known as such are no duplicates.
WITH lines AS (
    SELECT
        _source, explanation_of_benefit_id,
        {{joinSorted "coalesce(hcpcs_code, ndc_code, product_or_service_code, revenue_code, '')"}} AS codes
    FROM explanation_of_benefit_item
    WHERE level = 1
    GROUP BY _source, explanation_of_benefit_id
),
claims AS (
    SELECT
        e._source AS _source, e.id AS id, e._hash AS line_hash, e.patient_id AS patient_id, e.unique_claim_id AS unique_claim_id,
        coalesce(e.provider_npi, e.provider_identifier, e.provider_id, '') AS provider, e.billable_start AS first_day,
        coalesce(e.submitted, e.adjudication_submitted, e.payment_amount) AS amount, coalesce(l.codes, '') AS codes, v.claim_group AS claim_group
    FROM explanation_of_benefit AS e
    JOIN claim_version AS v ON v._source = e._source AND v.claim_id = e.id
    LEFT JOIN lines AS l ON l._source = e._source AND l.explanation_of_benefit_id = e.id
    WHERE v.reason NOT IN ('cancelled', 'replaced', 'reversal', 'not a claim', 'tagged as not final')
),
pairs AS (
    SELECT 'identical line' AS rule, 1.0 AS score, a._source AS a_source, a.id AS a_id, b._source AS b_source, b.id AS b_id
    FROM claims AS a JOIN claims AS b ON a.line_hash = b.line_hash AND a.id = b.id WHERE a._source < b._source
    UNION ALL
    SELECT 'same id' AS rule, 0.95 AS score, a._source AS a_source, a.id AS a_id, b._source AS b_source, b.id AS b_id
    FROM claims AS a JOIN claims AS b ON a.id = b.id WHERE a._source < b._source
    UNION ALL
    SELECT 'same identifier' AS rule, 0.9 AS score, a._source AS a_source, a.id AS a_id, b._source AS b_source, b.id AS b_id
    FROM claims AS a JOIN claims AS b ON a.unique_claim_id = b.unique_claim_id AND a.patient_id = b.patient_id
    WHERE (a._source < b._source OR a._source = b._source AND a.id < b.id) AND a.id <> b.id
    UNION ALL
    SELECT 'same content' AS rule, 0.8 AS score, a._source AS a_source, a.id AS a_id, b._source AS b_source, b.id AS b_id
    FROM claims AS a JOIN claims AS b ON a.patient_id = b.patient_id AND a.provider = b.provider AND a.first_day = b.first_day AND a.codes = b.codes AND a.amount = b.amount
    WHERE (a._source < b._source OR a._source = b._source AND a.id < b.id) AND a.id <> b.id AND (a._source <> b._source OR a.claim_group <> b.claim_group)
    {{- range near}}
    UNION ALL
    SELECT '{{.Rule}}' AS rule, 0.5 AS score, a._source AS a_source, a.id AS a_id, b._source AS b_source, b.id AS b_id
    FROM claims AS a JOIN claims AS b ON a.patient_id = b.patient_id{{range .Same}} AND a.{{.}} = b.{{.}}{{end}}
    WHERE (a._source < b._source OR a._source = b._source AND a.id < b.id) AND a.id <> b.id AND (a._source <> b._source OR a.claim_group <> b.claim_group) AND a.codes <> '' AND a.{{.Other}} <> b.{{.Other}}{{.And}}
    {{- end}}
),
ranked AS (
    SELECT pairs.*, row_number() OVER (PARTITION BY a_source, a_id, b_source, b_id ORDER BY score DESC, rule) AS place FROM pairs
)
SELECT
    rule AS rule, -- identical line, same id, same identifier, same content, or near: another provider, day, code or amount
    score AS score, -- How likely they are the same, from 0 to 1
    a_source AS _source, -- Source of the first
    a_id AS claim_id, -- Id of the first
    b_source AS duplicate_source, -- Source of the second
    b_id AS duplicate_claim_id -- Id of the second
FROM ranked
WHERE place = 1
