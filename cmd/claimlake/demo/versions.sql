-- Which versions of claims count, and why?
SELECT reason, any(is_final_action) AS counts, count() AS claims
FROM claim_version
GROUP BY reason
ORDER BY counts DESC, claims DESC
