-- Which version of a claim counts: one row per explanation of benefit, with the reason. Nothing is left out: filter on is_final_action.
WITH related AS (
    SELECT DISTINCT r._source AS _source, r.related_claim_id AS prior_id, r.explanation_of_benefit_id AS by_id
    FROM explanation_of_benefit_related AS r
    WHERE r.related_claim_id IS NOT NULL AND r.relationship_code IN ('prior', 'replaces', 'adjusts', 'reverses')
),
replaced AS (
    SELECT _source, prior_id, min(by_id) AS by_id FROM related GROUP BY _source, prior_id
),
handed_over AS (
    SELECT DISTINCT _source, explanation_of_benefit_id AS id
    FROM explanation_of_benefit_related
    WHERE relationship_code IN ('replacedby', 'replaced-by')
),
claims AS (
    SELECT
        e._source AS _source, e.id AS id, e.patient_id AS patient_id,
        coalesce(e.claim_group_id, e.unique_claim_id, e.id) AS claim_group,
        e.status AS status, e.use AS claim_use, e.outcome AS outcome, e.final_action_tag AS final_action_tag,
        e.created AS created, e.last_updated AS last_updated,
        coalesce(e.benefit, e.adjudication_benefit, e.payment_amount, e.submitted) AS amount,
        p.by_id AS replaced_by_id, h.id AS handed_over_id
    FROM explanation_of_benefit AS e
    LEFT JOIN replaced AS p ON p._source = e._source AND p.prior_id = e.id
    LEFT JOIN handed_over AS h ON h._source = e._source AND h.id = e.id
),
judged AS (
    SELECT
        claims.*,
        CASE
            WHEN status IN ('cancelled', 'entered-in-error') THEN 'cancelled'
            WHEN status = 'draft' OR outcome IN ('queued', 'error') THEN 'not adjudicated'
            WHEN claim_use IN ('preauthorization', 'predetermination') THEN 'not a claim'
            WHEN final_action_tag IN ('NotFinalAction', 'N') THEN 'tagged as not final'
            WHEN replaced_by_id IS NOT NULL OR handed_over_id IS NOT NULL THEN 'replaced'
            WHEN amount < 0 THEN 'reversal'
        END AS not_final
    FROM claims
),
ranked AS (
    SELECT
        judged.*,
        row_number() OVER (
            PARTITION BY _source, claim_group, CASE WHEN not_final IS NULL THEN 1 ELSE 0 END
            ORDER BY coalesce(created, last_updated) DESC, last_updated DESC, id DESC
        ) AS place,
        count(*) OVER (PARTITION BY _source, claim_group) AS versions
    FROM judged
)
SELECT
    _source AS _source, -- Name of the source
    id AS claim_id, -- Id of the explanation of benefit
    patient_id AS patient_id, -- Patient
    claim_group AS claim_group, -- What versions of a claim share: the claim group, else the unique claim id, else the id
    versions AS versions, -- How many explanations of benefit the group has
    CAST(not_final IS NULL AND place = 1 AS BOOLEAN) AS is_final_action, -- Whether this one counts
    CASE
        WHEN not_final IS NOT NULL THEN not_final
        WHEN place > 1 THEN 'older version'
        WHEN final_action_tag IS NOT NULL THEN 'tagged as final'
        WHEN versions = 1 THEN 'only version'
        ELSE 'latest version'
    END AS reason, -- Why: cancelled, not adjudicated, not a claim, tagged as not final, replaced, reversal or older version; tagged as final, only version or latest version
    replaced_by_id AS replaced_by_id, -- The one that names it as prior
    status AS status, -- active, cancelled, draft or entered-in-error
    created AS created, -- When it was made
    last_updated AS last_updated -- When the server last changed it
FROM ranked
