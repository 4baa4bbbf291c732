-- Which part of the spending goes to the most expensive patients?
WITH spending AS
(
    SELECT patient_id, sum(benefit) AS paid, row_number() OVER (ORDER BY sum(benefit) DESC) AS place, count() OVER () AS everyone, sum(sum(benefit)) OVER () AS total
    FROM explanation_of_benefit
    GROUP BY patient_id
)
SELECT percent AS most_expensive_percent, count() AS patients, sum(paid) AS paid_for_them, round(100 * toFloat64(sum(paid)) / toFloat64(any(total)), 1) AS percent_of_all
FROM spending
ARRAY JOIN [1, 5, 10, 50, 100] AS percent
WHERE place <= greatest(1, everyone * percent / 100)
GROUP BY percent
ORDER BY percent
