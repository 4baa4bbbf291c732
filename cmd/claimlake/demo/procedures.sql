-- Which ten services did we pay most for?
SELECT hcpcs_code AS service, any(product_or_service_display) AS what, count() AS lines, sum(benefit) AS paid
FROM explanation_of_benefit_item
WHERE hcpcs_code IS NOT NULL
GROUP BY service
ORDER BY paid DESC
LIMIT 10
