-- The Tuva Project's input layer: pharmacy claims, final actions alone, one row per line. See docs/tuva.md.
WITH prescriber AS (
    {{team "'prescribing', 'prescriber', 'primary'"}}
),
coverages AS (
    {{template "coverages"}}
),
covered AS (
    {{template "covered"}}
),
enrolled AS (
    {{template "enrolled"}}
),
insured AS (
    {{template "insured"}}
)
SELECT
    l.claim_id AS claim_id, -- EOB id
    l.claim_line_number AS claim_line_number, -- item.sequence, else its position
    l.patient_id AS person_id, -- patient
    coalesce({{memberID}}, l.patient_id) AS member_id, -- the Patient's member number, else unique member id, Medicare number, CMS beneficiary id, id: the same as in eligibility
    coalesce(i.payer, c.payer, l.payer) AS payer, -- payor of the coverage, as in eligibility; else the insurer
    coalesce(i.{{quote "plan"}}, c.{{quote "plan"}}, l.payer) AS {{quote "plan"}}, -- plan of the coverage, as in eligibility; else the insurer
    r.npi AS prescribing_provider_npi, -- careTeam: prescribing provider, or the Practitioner that it names
    {{billing}} AS dispensing_provider_npi, -- provider, or the Organization or Practitioner that it names
    l.service_start_date AS dispensing_date, -- item.serviced, else billablePeriod
    {{ndc "l.ndc_code"}} AS ndc_code, -- item.productOrService: NDC of eleven digits, without dashes
    l.quantity AS quantity, -- item.quantity
    e.days_supply AS days_supply, -- supportingInfo: days' supply
    e.refill_number AS refills, -- supportingInfo: number of the refill
    l.paid_date AS paid_date, -- payment.date
    l.paid_amount AS paid_amount, -- see claim_line
    {{totalCost}} AS allowed_amount, -- see claim_line; where no allowed amount was sent, what all payers and the member pay together
    l.charge_amount AS charge_amount, -- see claim_line
    l.coinsurance_amount AS coinsurance_amount, -- see claim_line
    l.copay_amount AS copayment_amount, -- see claim_line
    l.deductible_amount AS deductible_amount, -- see claim_line
    {{network}} AS in_network_flag, -- supportingInfo: contracting status of the billing provider
    l._source AS data_source, -- name of the source
    l._file_id AS file_name, -- file of the run that the claim was read from
    {{date "l._retrieved_at"}} AS file_date, -- day on which that file was requested
    l._retrieved_at AS ingest_datetime -- when that file was requested
FROM claim_line AS l
JOIN explanation_of_benefit AS e ON e._source = l._source AND e.id = l.claim_id
LEFT JOIN patient AS p ON p._source = l._source AND p.id = l.patient_id
LEFT JOIN covered AS c ON c._source = l._source AND c.id = l.coverage_id
LEFT JOIN insured AS i ON i._source = l._source AND i.id = l.claim_id
LEFT JOIN organization AS o ON o._source = l._source AND o.id = l.provider_id
LEFT JOIN practitioner AS a ON a._source = l._source AND a.id = l.provider_id
LEFT JOIN prescriber AS r ON r._source = l._source AND r.explanation_of_benefit_id = l.claim_id
WHERE l.is_final_action AND l.claim_type = 'pharmacy'
