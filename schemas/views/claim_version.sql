-- Which version of a claim counts: one row per explanation of benefit, with the reason. Nothing is left out: filter on is_final_action. See "Versions of a claim".
WITH marks AS (
    {{marks "id" "explanation_of_benefit"
        "('is ExplanationOfBenefit/' || id)"
        "('is Claim/' || coalesce(claim_id, id))"
        "('is control/' || coalesce(adjudication_control_number, claim_control_number))"
        "('names control/' || original_control_number)"
        "CASE WHEN original_control_number <> coalesce(adjudication_control_number, claim_control_number, '') THEN 'names itself' END"
        (real "claim_group_id" (print "('group ' || claim_group_id || '/' || " kindOfClaim ")"))
        (real "unique_claim_id" (print "('group claim ' || unique_claim_id || '/' || " kindOfClaim ")"))
        (real "coalesce(adjudication_control_number, claim_control_number)" (print "('group control ' || coalesce(adjudication_control_number, claim_control_number) || '/' || " kindOfClaim " || '/' || coalesce(" (text "billable_start") ", ''))"))}}
    UNION ALL
    {{marks "explanation_of_benefit_id" "explanation_of_benefit_identifier"
        "('is ' || coalesce(system, 'without') || '|' || value)"
        "('is any|' || value)"}}
    UNION ALL
    {{marks "explanation_of_benefit_id" "explanation_of_benefit_related"
        (names "'itself'")
        (names "CASE WHEN coalesce(related_claim_type, 'ExplanationOfBenefit') = 'ExplanationOfBenefit' THEN ('ExplanationOfBenefit/' || related_claim_id) END")
        (names "CASE WHEN coalesce(related_claim_type, 'Claim') = 'Claim' THEN ('Claim/' || related_claim_id) END")
        (names "(coalesce(related_claim_identifier_system, 'any') || '|' || related_claim_identifier)")
        (names "('without|' || related_claim_identifier)")
        (names "('any|' || contained_claim_identifier)")
        (names "(coalesce(reference_system, 'any') || '|' || reference_value)")
        (names "('without|' || reference_value)")}}
),
split AS (
    SELECT _source, patient, id, regexp_replace(mark, ' .*$', '') AS role, regexp_replace(mark, '^[a-z]+ ', '') AS name FROM marks WHERE mark IS NOT NULL
),
counted AS (
    SELECT
        split.*,
        min(id) OVER (PARTITION BY _source, patient, name) AS first_id, max(id) OVER (PARTITION BY _source, patient, name) AS last_id,
        max(CASE WHEN role <> 'is' THEN 1 ELSE 0 END) OVER (PARTITION BY _source, patient, name) AS is_used,
        dense_rank() OVER (PARTITION BY _source, name ORDER BY patient) AS patient_number
    FROM split
),
shared AS (
    SELECT _source, patient, id, role, name
    FROM (SELECT counted.*, max(patient_number) OVER (PARTITION BY _source, name) AS patients FROM counted) AS c
    WHERE name = 'itself' OR first_id <> last_id AND is_used = 1 AND (role <> 'group' OR patients <= 2)
),
chains AS (
    {{chains "shared"}}
),
claims AS (
    SELECT
        e._source AS _source, e.id AS id, e.patient_id AS patient_id, coalesce(e.patient_id, '') AS patient, coalesce(c.chain, e.id) AS chain,
        e.status AS status, e.final_action_tag AS final_action_tag, e.created AS created, e.last_updated AS last_updated,
        coalesce(e.created, e.last_updated, e._version) AS made, coalesce(e.last_updated, e._version) AS changed,
        CASE WHEN m.charge_header < 0 THEN m.charge_header ELSE m.charge_amount END AS charge,
        CASE WHEN m.paid_header < 0 THEN m.paid_header ELSE m.paid_amount END AS paid,
        CASE WHEN m.allowed_header < 0 THEN m.allowed_header ELSE m.allowed_amount END AS allowed,
        {{listOf "'self'" "c.marks"}} AS marks,
        CASE
            WHEN e.status = 'entered-in-error' THEN 'entered in error'
            WHEN e.status = 'draft' OR e.outcome IN ('queued', 'error') THEN 'not adjudicated'
            WHEN e.use IN ('preauthorization', 'predetermination') THEN 'not a claim'
        END AS void,
        CASE WHEN e.status = 'cancelled' THEN 1 ELSE 0 END AS is_cancelled,
        e.billable_start AS first_day,
        CASE
            WHEN {{matches "e.type_of_bill_code" "^(0?[0-9A-Z]{2})?[234]$"}} THEN 'interim ' || coalesce({{text "e.billable_start"}}, '')
            WHEN {{matches "e.type_of_bill_code" "^(0?[0-9A-Z]{2})?5$"}} THEN 'late ' || coalesce({{text "e.billable_start"}}, '')
            ELSE ''
        END AS bill,
        CASE WHEN e.final_action_tag IN ('NotFinalAction', 'N') THEN 1 ELSE 0 END AS is_not_final,
        CASE
            WHEN e.type_of_bill_code = '8' OR {{matches "e.type_of_bill_code" "^0?[0-9A-Z]{2}8$"}} THEN 1
            WHEN e.claim_query_code = '0' OR e.fi_action_code IN ('2', '4', '6') OR e.carrier_entry_code = '3' OR e.adjustment_deletion_code = 'D' THEN 1
            WHEN e.cms_eob_type IS NOT NULL AND e.disposition IN ('03', '3') THEN 1
            ELSE 0
        END AS is_cancel
    FROM explanation_of_benefit AS e
    LEFT JOIN claim_amount AS m ON m._source = e._source AND m.claim_id = e.id
    LEFT JOIN chains AS c ON c._source = e._source AND c.patient = coalesce(e.patient_id, '') AND c.id = e.id
),
ranked AS (
    SELECT
        claims.*,
        dense_rank() OVER (PARTITION BY _source, patient, chain ORDER BY made, changed, id) AS place,
        dense_rank() OVER (PARTITION BY _source, patient, chain ORDER BY made) AS moment,
        count(*) OVER (PARTITION BY _source, patient, chain) AS versions,
        max(CASE WHEN void IS NULL AND paid > 0 THEN 1 ELSE 0 END) OVER (PARTITION BY _source, patient, chain, abs(paid)) AS is_paid_elsewhere,
        {{anyLike "marks" "names "}} AS names_one, {{anyLike "marks" "later "}} AS names_later, {{allLike "marks" "names "}} AS priors
    FROM claims
),
classified AS (
    SELECT
        ranked.*,
        CASE
            WHEN void IS NOT NULL THEN 'void'
            WHEN is_cancel = 1 OR charge < 0 OR coalesce(charge, 0) = 0 AND (paid < 0 OR coalesce(paid, 0) = 0 AND allowed < 0) THEN 'reversal'
            WHEN paid < 0 AND (names_one = 1 OR is_paid_elsewhere = 1) THEN 'reversal'
            WHEN is_cancelled = 1 THEN 'cancelled'
            ELSE 'version'
        END AS class
    FROM ranked
),
placed AS (
    SELECT
        classified.*,
        min(place) OVER (PARTITION BY _source, patient, chain, class, bill, first_day, made, charge, paid, names_one, priors) AS seq,
        max(place) OVER (PARTITION BY _source, patient, chain, moment) AS last_of_moment
    FROM classified
),
about AS (
    SELECT
        _source, patient, chain, id, regexp_replace(mark, ' .*$', '') AS role, CASE WHEN mark = 'self' THEN id ELSE regexp_replace(mark, '^[a-z]+ ', '') END AS name,
        class, bill, seq, moment, last_of_moment, charge, paid, is_cancel, is_cancelled, is_not_final, names_one, names_later, void, versions, status, final_action_tag, created, last_updated, patient_id
    FROM (SELECT placed.*, {{eachOf "marks"}} AS mark FROM placed) AS m
),
named_ones AS (
    SELECT
        about.*,
        CASE
            WHEN role = 'is' THEN max(CASE WHEN role = 'names' AND class = 'version' AND bill = '' THEN id END) OVER (PARTITION BY _source, patient, chain, name)
            WHEN role = 'later' THEN max(CASE WHEN role = 'is' AND class = 'version' THEN id END) OVER (PARTITION BY _source, patient, chain, name)
        END AS later_id,
        CASE WHEN role = 'later' THEN max(CASE WHEN role = 'is' THEN CASE WHEN class = 'void' THEN 0 ELSE 1 END END) OVER (PARTITION BY _source, patient, chain, name) END AS later_counts,
        CASE WHEN role = 'names' THEN max(CASE WHEN role = 'is' AND class = 'version' THEN seq END) OVER (PARTITION BY _source, patient, chain, name) END AS one_seq,
        CASE WHEN role = 'names' THEN max(CASE WHEN role = 'is' AND class = 'version' THEN abs(paid) END) OVER (PARTITION BY _source, patient, chain, name) END AS one_paid,
        CASE WHEN role = 'names' THEN max(CASE WHEN role = 'is' AND class = 'version' THEN abs(charge) END) OVER (PARTITION BY _source, patient, chain, name) END AS one_charge,
        CASE WHEN role = 'names' AND class = 'reversal' THEN max(CASE WHEN role = 'is' AND class = 'reversal' THEN id END) OVER (PARTITION BY _source, patient, chain, name) END AS one_reversal,
        CASE WHEN role = 'is' AND class = 'reversal' THEN max(CASE WHEN role = 'names' AND class = 'reversal' THEN 1 ELSE 0 END) OVER (PARTITION BY _source, patient, chain, name) END AS undone,
        CASE WHEN role = 'is' AND class = 'reversal' THEN max(CASE WHEN role = 'names' AND class = 'version' AND bill = '' THEN 1 ELSE 0 END) OVER (PARTITION BY _source, patient, chain, name) END AS followed
    FROM about
),
candidates AS (
    SELECT
        named_ones.*,
        max(one_seq) OVER (PARTITION BY _source, patient, chain, id) AS named_seq,
        max(one_paid) OVER (PARTITION BY _source, patient, chain, id) AS named_paid,
        max(one_charge) OVER (PARTITION BY _source, patient, chain, id) AS named_charge,
        max(one_reversal) OVER (PARTITION BY _source, patient, chain, id) AS named_reversal,
        max(followed) OVER (PARTITION BY _source, patient, chain, id) AS is_followed,
        max(undone) OVER (PARTITION BY _source, patient, chain, seq) AS is_undone,
        max(later_id) OVER (PARTITION BY _source, patient, chain, seq) AS named_by,
        max(later_counts) OVER (PARTITION BY _source, patient, chain, id) AS later_one_counts,
        {{range list "paid" "charge" "any"}}
        {{- $same := "" }}{{if ne . "any"}}{{$same = print ", abs(" . ")"}}{{end}}
        max(CASE WHEN class = 'version' THEN seq END) OVER (PARTITION BY _source, patient, chain{{$same}} ORDER BY moment RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS {{.}}_before,
        min(CASE WHEN class = 'version' THEN seq END) OVER (PARTITION BY _source, patient, chain{{$same}} ORDER BY moment RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS {{.}}_from,
        {{- end}}
        CASE WHEN names_one = 0 AND class = 'reversal' THEN 1 ELSE 0 END AS is_unnamed
    FROM named_ones
),
near AS (
    SELECT
        candidates.*,
        CASE WHEN paid <> 0 THEN coalesce(paid_before, CASE WHEN is_unnamed = 1 AND coalesce(is_followed, 0) = 0 OR paid_from <= last_of_moment THEN paid_from END) END AS near_paid,
        CASE WHEN charge <> 0 THEN coalesce(charge_before, CASE WHEN is_unnamed = 1 AND coalesce(is_followed, 0) = 0 OR charge_from <= last_of_moment THEN charge_from END) END AS near_charge,
        coalesce(any_before, CASE WHEN is_unnamed = 1 AND coalesce(is_followed, 0) = 0 AND coalesce(paid, 0) = 0 AND coalesce(charge, 0) = 0 OR any_from <= last_of_moment THEN any_from END) AS near_any,
        CASE WHEN named_seq IS NOT NULL AND coalesce(named_paid = abs(paid), named_charge = abs(charge), TRUE) THEN named_seq END AS named_alike
    FROM candidates
),
aimed AS (
    SELECT
        near.*,
        CASE
            WHEN class = 'version' THEN seq
            WHEN class = 'void' OR class = 'reversal' AND named_reversal IS NOT NULL THEN NULL
            WHEN class = 'cancelled' AND names_one = 1 THEN named_seq
            ELSE coalesce(named_alike, near_paid, near_charge, named_seq, CASE WHEN names_one = 0 THEN near_any END)
        END AS target_seq,
        CASE WHEN class = 'reversal' AND is_cancel = 0 AND names_one = 0 AND (paid <> 0 OR charge <> 0) AND coalesce(near_paid, near_charge) IS NULL THEN 1 ELSE 0 END AS is_guess
    FROM near
),
struck AS (
    SELECT
        aimed.*,
        max(CASE WHEN class = 'version' THEN abs(paid) END) OVER (PARTITION BY _source, patient, chain, target_seq) AS target_paid,
        max(CASE WHEN class = 'version' THEN abs(charge) END) OVER (PARTITION BY _source, patient, chain, target_seq) AS target_charge,
        max(CASE WHEN class = 'version' THEN id END) OVER (PARTITION BY _source, patient, chain, target_seq) AS target_id
    FROM aimed
),
judged AS (
    SELECT
        struck.*,
        CASE
            WHEN class <> 'reversal' OR is_cancel = 1 OR target_seq IS NULL THEN 0
            WHEN paid <> 0 AND target_paid <> 0 THEN CASE WHEN abs(paid) < target_paid THEN 1 ELSE 0 END
            WHEN charge <> 0 AND target_charge <> 0 THEN CASE WHEN abs(charge) < target_charge THEN 1 ELSE 0 END
            ELSE 0
        END AS is_partial
    FROM struck
),
hit AS (
    SELECT judged.*, CASE WHEN is_guess = 0 OR is_partial = 1 THEN target_seq END AS hit_seq FROM judged
),
followers AS (
    SELECT
        hit.*,
        CASE WHEN role = 'names' AND class = 'version' AND bill = '' THEN max(CASE WHEN role = 'is' AND class = 'reversal' THEN hit_seq END) OVER (PARTITION BY _source, patient, chain, name) END AS after_seq
    FROM hit
),
replaced AS (
    SELECT
        followers.*,
        coalesce(named_by, max(CASE WHEN role <> 'self' THEN id END) OVER (PARTITION BY _source, patient, chain, coalesce(after_seq, CASE WHEN class = 'version' THEN seq END))) AS replacing_id,
        max(CASE WHEN names_later = 1 AND coalesce(later_one_counts, 1) = 1 THEN 1 ELSE 0 END) OVER (PARTITION BY _source, patient, chain, seq) AS is_handed_over
    FROM followers
    WHERE role = 'self' OR after_seq <> seq
),
tips AS (
    SELECT
        replaced.*,
        CASE WHEN class = 'version' AND is_not_final = 0 AND replacing_id IS NULL THEN is_handed_over END AS handed_over,
        CASE WHEN class = 'version' AND is_not_final = 0 AND replacing_id IS NULL AND is_handed_over = 0 THEN seq END AS tip_seq
    FROM replaced
    WHERE role = 'self'
),
compared AS (
    SELECT
        tips.*,
        coalesce(
            max(tip_seq) OVER (PARTITION BY _source, patient, chain, bill),
            CASE WHEN max(handed_over) OVER (PARTITION BY _source, patient, chain) IS NULL THEN max(CASE WHEN class = 'version' AND is_not_final = 0 THEN seq END) OVER (PARTITION BY _source, patient, chain) END,
            0
        ) AS last_seq,
        row_number() OVER (PARTITION BY _source, patient, chain, seq ORDER BY is_not_final, id) AS copy
    FROM tips
),
settled AS (
    SELECT
        compared.*,
        max(CASE WHEN class = 'version' AND is_not_final = 0 AND seq = last_seq THEN 1 ELSE 0 END) OVER (PARTITION BY _source, patient, chain, hit_seq) AS stands,
        max(CASE WHEN class IN ('reversal', 'cancelled') AND is_partial = 0 AND coalesce(is_undone, 0) = 0 THEN id END) OVER (PARTITION BY _source, patient, chain, hit_seq) AS taken_by_id
    FROM compared
)
SELECT
    _source AS _source, -- Name of the source
    id AS claim_id, -- Id of the explanation of benefit
    patient_id AS patient_id, -- Patient
    chain AS claim_group, -- What versions of a claim share: the id of one of them
    versions AS versions, -- How many explanations of benefit the group has, with reversals
    CAST(hit_seq IS NOT NULL AND stands = 1 AND taken_by_id IS NULL AND copy = 1 AND (class = 'version' AND is_not_final = 0 OR is_partial = 1 AND coalesce(is_undone, 0) = 0) AS BOOLEAN) AS is_final_action, -- Whether this one counts
    CASE
        WHEN void IS NOT NULL THEN void
        WHEN is_cancelled = 1 THEN 'cancelled'
        WHEN class = 'reversal' AND is_undone = 1 THEN 'undone reversal'
        WHEN class = 'reversal' AND named_reversal IS NULL AND hit_seq IS NULL THEN 'reversal of what is not there'
        WHEN class = 'reversal' AND is_partial = 1 AND stands = 1 AND copy = 1 AND taken_by_id IS NULL THEN 'partial reversal'
        WHEN class = 'reversal' THEN 'reversal'
        WHEN is_not_final = 1 THEN 'tagged as not final'
        WHEN seq = last_seq AND taken_by_id IS NOT NULL THEN 'reversed'
        WHEN seq = last_seq AND copy > 1 THEN 'duplicate'
        WHEN seq = last_seq AND final_action_tag IS NOT NULL THEN 'tagged as final'
        WHEN seq = last_seq AND versions = 1 THEN 'only version'
        WHEN seq = last_seq THEN 'latest version'
        WHEN replacing_id IS NOT NULL OR is_handed_over = 1 THEN 'replaced'
        ELSE 'older version'
    END AS reason, -- Why it counts: only version, latest version, tagged as final or partial reversal; or why not: cancelled, entered in error, not adjudicated, not a claim, tagged as not final, replaced, older version, duplicate, reversed, reversal, undone reversal or reversal of what is not there
    CASE WHEN class = 'version' THEN replacing_id END AS replaced_by_id, -- One that replaces it, since it names it
    CASE WHEN class = 'version' THEN taken_by_id END AS reversed_by_id, -- The reversal that takes it back
    CASE WHEN named_reversal IS NOT NULL THEN named_reversal WHEN class IN ('reversal', 'cancelled') AND hit_seq IS NOT NULL THEN target_id END AS reverses_id, -- The one that this reversal takes back; empty where it is not there
    status AS status, -- active, cancelled, draft or entered-in-error
    created AS created, -- When it was made
    last_updated AS last_updated -- When the server last changed it
FROM settled
