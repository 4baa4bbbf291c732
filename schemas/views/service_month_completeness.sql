-- How complete months of service are: claims and what was paid, by month of service and months until payment (the lag triangle).
SELECT
    _source AS _source, -- Name of the source
    claim_type AS claim_type, -- institutional, professional, pharmacy, dental, vision or undetermined
    {{month "service_start_date"}} AS service_month, -- First day of the month of service
    date_diff('month', {{month "service_start_date"}}, {{month "paid_date"}}) AS lag_months, -- Months from there to the payment
    count(DISTINCT claim_id) AS claims, -- Claims that count
    sum(paid_amount) AS paid_amount -- What was paid
FROM claim_line
WHERE is_final_action AND service_start_date IS NOT NULL AND paid_date IS NOT NULL
GROUP BY _source, claim_type, {{month "service_start_date"}}, date_diff('month', {{month "service_start_date"}}, {{month "paid_date"}})
