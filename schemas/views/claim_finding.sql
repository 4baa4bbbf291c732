-- What a run's checks ask once readers see it: so many of so many, by source. See "A claim's money" and "Members".
SELECT
    _source AS _source, -- Name of the source
    finding AS finding, -- unbalanced_claims: lines and header say different sums; claims_without_coverage: claims that count, whose patient has no coverage; shared_member_numbers: numbers that several patients have; coverages_without_days: coverages that end before they begin, or have no first day
    found AS found, -- How many there are
    looked_at AS looked_at -- Of how many
FROM (
    SELECT
        _source, 'unbalanced_claims' AS finding, count(*) AS looked_at,
        sum(CASE WHEN {{range $n, $a := amounts}}{{if $n}} OR {{end}}coalesce({{.Kind}}_from, 'total') NOT IN ('adjudication', 'total', 'payment', 'benefit balance') AND {{.Name}} <> {{.Kind}}_header{{end}} THEN 1 ELSE 0 END) AS found
    FROM claim_amount
    GROUP BY _source
    UNION ALL
    SELECT _source, 'claims_without_coverage' AS finding, claims AS looked_at, without_coverage AS found FROM claim_without_coverage
    UNION ALL
    SELECT s._source AS _source, 'shared_member_numbers' AS finding, max(p.patients) AS looked_at, count(*) AS found
    FROM member_number_shared AS s
    JOIN (SELECT _source, count(*) AS patients FROM patient GROUP BY _source) AS p ON p._source = s._source
    GROUP BY s._source
    UNION ALL
    SELECT _source, 'coverages_without_days' AS finding, count(*) AS looked_at, sum(CASE WHEN period_start IS NULL OR period_end < period_start THEN 1 ELSE 0 END) AS found
    FROM coverage
    WHERE {{inForce ""}}
    GROUP BY _source
) AS all_findings
