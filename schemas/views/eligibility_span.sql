-- Spans without a gap in which a patient was covered by a payer in a line of business: coverages that overlap or follow each other day by day are one.
WITH periods AS (
    SELECT
        _source, id, patient_id, {{lineOfBusiness}} AS line_of_business, coalesce(payor_display, payor_identifier, payor_id, '') AS payer, period_start AS first_day,
        coalesce(period_end, {{date "'2199-12-31'"}}) AS last_day
    FROM coverage
    WHERE period_start IS NOT NULL AND patient_id IS NOT NULL AND {{inForce ""}}
),
reached AS (
    SELECT
        periods.*,
        max(last_day) OVER (PARTITION BY _source, patient_id, line_of_business, payer ORDER BY first_day, last_day, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reach,
        row_number() OVER (PARTITION BY _source, patient_id, line_of_business, payer ORDER BY first_day, last_day, id) AS place
    FROM periods
    WHERE last_day >= first_day
),
counted AS (
    SELECT
        reached.*,
        sum(CASE WHEN place = 1 OR first_day > reach + INTERVAL 1 DAY THEN 1 ELSE 0 END)
            OVER (PARTITION BY _source, patient_id, line_of_business, payer ORDER BY first_day, last_day, place ROWS UNBOUNDED PRECEDING) AS span
    FROM reached
)
SELECT
    _source AS _source, -- Name of the source
    patient_id AS patient_id, -- Patient
    line_of_business AS line_of_business, -- medical, drug, dental or vision
    payer AS payer, -- Payer: name, else identifier, else id; empty where the coverage has none
    min(first_day) AS first_day, -- First day covered
    max(last_day) AS last_day, -- Last day covered; 2199-12-31 where no coverage says
    count(*) AS coverages, -- How many coverages make the span
    {{joinSorted "id"}} AS coverage_ids -- Their ids
FROM counted
GROUP BY _source, patient_id, line_of_business, payer, span
