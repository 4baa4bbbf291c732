-- Which claims may be duplicates of another?
SELECT rule, count() AS pairs, any(claim_id) AS such_as, any(duplicate_claim_id) AS and_this
FROM claim_duplicate
GROUP BY rule
UNION ALL
SELECT 'none', 0, '', ''
WHERE (SELECT count() FROM claim_duplicate) = 0
