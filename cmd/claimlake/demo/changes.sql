-- What did the last run bring?
SELECT v.reason AS version, count() AS claims, sum(e.benefit) AS paid
FROM explanation_of_benefit AS e
JOIN claim_version AS v ON v._source = e._source AND v.claim_id = e.id
WHERE e._run_id = (SELECT run_id FROM _run ORDER BY run_number DESC LIMIT 1)
GROUP BY version
ORDER BY claims DESC
