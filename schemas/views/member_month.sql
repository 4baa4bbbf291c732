-- One row per patient and calendar month with at least a day covered, up to the present month.
SELECT DISTINCT
    s._source AS _source, -- Name of the source
    s.patient_id AS patient_id, -- Patient
    s.payer AS payer, -- Payer
    {{addMonths (month "s.first_day") "n.number"}} AS month -- First day of the month
FROM eligibility_span AS s
CROSS JOIN {{numbers 1200}} AS n
WHERE {{addMonths (month "s.first_day") "n.number"}} <= s.last_day
  AND {{addMonths (month "s.first_day") "n.number"}} <= today()
