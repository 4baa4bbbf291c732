-- What each claim says of each kind of amount: one row per explanation of benefit and kind, with what its lines say, what its header says, which counts and the difference. See "A claim's money".
WITH said AS (
    {{range $n, $table := list "explanation_of_benefit_item" "explanation_of_benefit_add_item"}}{{if $n}}
    UNION ALL
    {{end}}SELECT
        i._source AS _source, i.explanation_of_benefit_id AS claim_id, {{$n}} AS is_added, {{totalLine}} AS is_total, i.level AS level,
        {{topPath "i.path"}} AS line, CASE WHEN i.level = 3 THEN {{parentPath "i.path"}} ELSE i.path END AS detail,
        {{eachOf (pairs amounts)}} AS kind_amount
    FROM {{$table}} AS i{{end}}
),
details AS (
    SELECT
        _source, claim_id, is_added, line, detail, {{first "kind_amount"}} AS kind, max(CASE WHEN level = 1 THEN is_total ELSE 0 END) AS is_total,
        sum(CASE WHEN level = 1 THEN {{second "kind_amount"}} END) AS own, sum(CASE WHEN level = 2 THEN {{second "kind_amount"}} END) AS detail_amount, sum(CASE WHEN level = 3 THEN {{second "kind_amount"}} END) AS sub_detail_amount
    FROM said
    WHERE {{second "kind_amount"}} IS NOT NULL
    GROUP BY _source, claim_id, is_added, line, detail, {{first "kind_amount"}}
),
lines AS (
    SELECT _source, claim_id, is_added, line, kind, max(is_total) AS is_total, sum(own) AS own, sum({{ownElse "detail_amount" "sub_detail_amount"}}) AS detail
    FROM details
    GROUP BY _source, claim_id, is_added, line, kind
),
sums AS (
    SELECT
        _source, claim_id, kind,
        sum(CASE WHEN is_total = 0 THEN {{ownElse "own" "detail"}} END) AS lines,
        sum(CASE WHEN is_total = 0 AND is_added = 1 THEN {{ownElse "own" "detail"}} END) AS added,
        sum(CASE WHEN is_total = 0 AND is_added = 0 AND own <> 0 THEN detail END) AS more,
        sum(CASE WHEN is_total = 0 AND is_added = 0 AND own <> 0 AND detail IS NOT NULL THEN own END) AS less,
        sum(CASE WHEN is_total = 1 THEN own END) AS total,
        max(CASE WHEN is_total = 0 AND {{ownElse "own" "detail"}} <> 0 THEN 1 ELSE 0 END) AS has_any
    FROM lines
    GROUP BY _source, claim_id, kind
),
headers AS (
    SELECT _source, id, patient_id, claim_type, {{first "place"}} AS kind, {{second "place"}} AS header, {{third "place"}} AS header_from
    FROM (
        SELECT e._source AS _source, e.id AS id, e.patient_id AS patient_id, {{claimType}} AS claim_type, {{eachOf (headerPlaces amounts)}} AS place
        FROM explanation_of_benefit AS e
    ) AS e
),
decided AS (
    SELECT
        h._source AS _source, h.id AS id, h.patient_id AS patient_id, h.claim_type AS claim_type, h.kind AS kind, h.header AS header,
        s.lines AS lines, s.added AS added, s.more AS more, s.less AS less, s.total AS total,
        CASE
            WHEN coalesce(s.has_any, 0) = 0 AND s.total <> 0 THEN 'total line'
            WHEN coalesce(s.has_any, 0) = 0 AND (h.header <> 0 OR s.lines IS NULL) THEN CASE WHEN h.header IS NULL AND s.total IS NOT NULL THEN 'total line' ELSE h.header_from END
            WHEN s.added IS NULL AND s.more IS NULL OR h.header IS NULL OR s.lines = h.header THEN 'lines'
            WHEN s.lines - coalesce(s.added, 0) = h.header THEN 'lines without added'
            WHEN s.lines + s.more = h.header THEN 'lines and details'
            WHEN s.lines + s.more - coalesce(s.added, 0) = h.header THEN 'lines and details without added'
            WHEN s.lines + s.more - s.less = h.header THEN 'details'
            WHEN s.lines + s.more - s.less - coalesce(s.added, 0) = h.header THEN 'details without added'
            ELSE 'lines'
        END AS taken_from
    FROM headers AS h
    LEFT JOIN sums AS s ON s._source = h._source AND s.claim_id = h.id AND s.kind = h.kind
),
amounts AS (
    SELECT
        decided.*,
        CASE
            WHEN taken_from IN ('adjudication', 'total', 'payment', 'benefit balance') THEN header
            WHEN taken_from = 'total line' THEN total
            ELSE lines + CASE WHEN taken_from LIKE '%details%' THEN more ELSE 0 END - CASE WHEN taken_from LIKE 'details%' THEN less ELSE 0 END - CASE WHEN taken_from LIKE '%without added' THEN coalesce(added, 0) ELSE 0 END
        END AS amount
    FROM decided
    WHERE taken_from IS NOT NULL
)
SELECT
    _source AS _source, -- Name of the source
    id AS claim_id, -- Id of the explanation of benefit
    patient_id AS patient_id, -- Patient
    claim_type AS claim_type, -- institutional, professional, pharmacy, dental, vision or undetermined
    kind AS kind, -- charge, allowed, paid, deductible, coinsurance, copay, noncovered, prior_payer, member_liability or drug_cost
    amount AS amount, -- What counts: the sum of the claim's rows of claim_line
    taken_from AS taken_from, -- Where it is from: lines, details, lines and details, each also without added; total line; adjudication, total, payment or benefit balance of the header
    CASE WHEN taken_from IN ('adjudication', 'total', 'payment', 'benefit balance') THEN 'header' ELSE 'line' END AS amount_level, -- line or header
    header AS header_amount, -- What the header says
    CASE WHEN taken_from NOT IN ('adjudication', 'total', 'payment', 'benefit balance') THEN amount - header END AS difference -- What the lines say more than the header; empty where only one of them says it
FROM amounts
