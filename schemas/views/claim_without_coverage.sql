-- Claims that count and whose patient has no coverage at all: N of M, by source.
SELECT
    v._source AS _source, -- Name of the source
    count(*) AS claims, -- Claims that count
    sum(CASE WHEN c.patient_id IS NULL THEN 1 ELSE 0 END) AS without_coverage -- Those whose patient has no coverage
FROM claim_version AS v
LEFT JOIN (SELECT DISTINCT _source, patient_id FROM eligibility_span) AS c ON c._source = v._source AND c.patient_id = v.patient_id
WHERE v.is_final_action
GROUP BY v._source
