-- One row per patient, line of business and calendar month with at least a day covered, up to the present month. Several coverages of a line of business count once.
SELECT
    s._source AS _source, -- Name of the source
    s.patient_id AS patient_id, -- Patient
    s.line_of_business AS line_of_business, -- medical, drug, dental or vision; Medicare parts A, B and C are medical, part D is drug
    min(s.payer) AS payer, -- Payer, the first by name where there are several
    {{joinSorted "s.coverage_ids"}} AS coverages, -- Ids of the coverages
    {{monthsAgo "n.number"}} AS month -- First day of the month
FROM eligibility_span AS s
CROSS JOIN {{numbers 1560}} AS n
WHERE {{monthsAgo "n.number"}} <= s.last_day AND {{addMonths (monthsAgo "n.number") "1"}} > s.first_day
GROUP BY s._source, s.patient_id, s.line_of_business, {{monthsAgo "n.number"}}
