-- What did we pay, by month of service and type of claim?
SELECT toStartOfMonth(billable_start) AS month, claim_type_code AS claim_type, count() AS claims, sum(benefit) AS paid
FROM explanation_of_benefit
WHERE billable_start >= (SELECT max(billable_start) FROM explanation_of_benefit) - INTERVAL 3 MONTH
GROUP BY ALL
ORDER BY month, claim_type
