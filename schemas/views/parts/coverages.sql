{{- /* Coverages with the payer and plan that Tuva's eligibility and claims share, and those of them that are member months: one a payer, plan and month. */ -}}
{{- define "coverages" -}}
SELECT
        c._source AS _source, c.id AS id, c.patient_id AS patient_id, {{lineOfBusiness}} AS of_type, {{payer}} AS payer, {{plan}} AS {{quote "plan"}}, {{payerType}} AS payer_type,
        c.period_start AS first_day, least(coalesce(c.period_end, {{endOfMonth}}), {{endOfMonth}}) AS last_day
    FROM coverage AS c
    LEFT JOIN (SELECT _source AS organization_source, id AS organization_id, name AS organization_name FROM organization) AS o ON o.organization_source = c._source AND o.organization_id = c.payor_id
    WHERE {{inForce "c."}}
{{- end -}}
{{- /* What a coverage is for: by its type, else by the claims of its plan where they are all of dentists, opticians or pharmacies. */ -}}
{{- define "covered" -}}
SELECT
        c._source AS _source, c.id AS id, c.patient_id AS patient_id, c.payer AS payer, c.{{quote "plan"}} AS {{quote "plan"}}, c.payer_type AS payer_type, c.first_day AS first_day, c.last_day AS last_day,
        CASE
            WHEN c.of_type <> 'medical' OR u.first_kind IS NULL OR u.first_kind <> u.last_kind THEN c.of_type
            WHEN u.first_kind IN ('dental', 'vision') THEN u.first_kind
            WHEN u.first_kind = 'pharmacy' THEN 'drug'
            ELSE 'medical'
        END AS line_of_business
    FROM coverages AS c
    LEFT JOIN (
        SELECT _source, payer, {{quote "plan"}}, min(kind) AS first_kind, max(kind) AS last_kind
        FROM (
            SELECT c._source AS _source, c.payer AS payer, c.{{quote "plan"}} AS {{quote "plan"}}, {{claimType}} AS kind
            FROM explanation_of_benefit AS e
            JOIN coverages AS c ON c._source = e._source AND c.id = e.insurance_coverage_id
        ) AS k
        GROUP BY _source, payer, {{quote "plan"}}
    ) AS u ON u._source = c._source AND u.payer = c.payer AND u.{{quote "plan"}} = c.{{quote "plan"}}
{{- end -}}
{{- define "enrolled" -}}
SELECT _source, id, patient_id, payer, {{quote "plan"}}, payer_type, first_day, last_day
    FROM (
    SELECT
        c._source AS _source, c.id AS id, c.patient_id AS patient_id, c.payer AS payer, c.{{quote "plan"}} AS {{quote "plan"}}, c.payer_type AS payer_type,
        c.first_day AS first_day, c.last_day AS last_day,
        row_number() OVER (PARTITION BY c._source, c.patient_id, c.payer, c.{{quote "plan"}}, c.first_day, c.last_day ORDER BY c.id) AS place
    FROM covered AS c
    LEFT JOIN (
        SELECT DISTINCT c._source AS _source, c.id AS id
        FROM covered AS c
        JOIN covered AS m ON m._source = c._source AND m.patient_id = c.patient_id AND m.payer = c.payer
        WHERE m.line_of_business = 'medical' AND m.first_day <= c.last_day AND m.last_day >= c.first_day AND m.last_day >= m.first_day
    ) AS m ON m._source = c._source AND m.id = c.id
    WHERE c.first_day IS NOT NULL AND c.last_day >= c.first_day AND (c.line_of_business = 'medical' OR c.line_of_business = 'drug' AND m.id IS NULL)
    ) AS c
    WHERE place = 1
{{- end -}}
{{- /* The payer and plan of each claim: of its coverage or, where that is no member month or not known, of another that the patient has in the month of the claim. */ -}}
{{- define "insured" -}}
SELECT _source, id, payer, {{quote "plan"}}
    FROM (
        SELECT
            e._source AS _source, e.id AS id, m.payer AS payer, m.{{quote "plan"}} AS {{quote "plan"}},
            row_number() OVER (PARTITION BY e._source, e.id ORDER BY CASE WHEN m.id = e.insurance_coverage_id THEN 0 WHEN m.payer = c.payer THEN 1 ELSE 2 END, m.first_day, m.id) AS place
        FROM explanation_of_benefit AS e
        JOIN enrolled AS m ON m._source = e._source AND m.patient_id = e.patient_id
        LEFT JOIN covered AS c ON c._source = e._source AND c.id = e.insurance_coverage_id
        WHERE {{month "m.first_day"}} <= {{month "e.billable_start"}} AND {{month "m.last_day"}} >= {{month "e.billable_start"}} AND (c.payer IS NULL OR m.payer = c.payer)
    ) AS i
    WHERE place = 1
{{- end -}}
