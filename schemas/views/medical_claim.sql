-- The Tuva Project's input layer: medical claims, final actions alone, one row per line. See docs/tuva.md.
WITH diagnosis AS (
    SELECT
        _source, explanation_of_benefit_id,
        max(CASE WHEN icd9cm_code IS NOT NULL THEN 'icd-9-cm' ELSE 'icd-10-cm' END) AS code_type
        {{- range $i := seq 1 25}},
        max(CASE WHEN place = {{$i}} THEN code END) AS code_{{$i}}, max(CASE WHEN place = {{$i}} THEN poa END) AS poa_{{$i}}{{end}}
    FROM (
        SELECT
            _source, explanation_of_benefit_id, icd9cm_code, coalesce(diagnosis_code_plain, diagnosis_code) AS code,
            coalesce(present_on_admission_code, on_admission_code) AS poa,
            row_number() OVER (PARTITION BY _source, explanation_of_benefit_id ORDER BY CASE WHEN type_code = 'principal' THEN 0 ELSE 1 END, coalesce(sequence, position), position) AS place
        FROM explanation_of_benefit_diagnosis
    ) AS d
    GROUP BY _source, explanation_of_benefit_id
),
performed AS (
    SELECT
        _source, explanation_of_benefit_id,
        max(CASE WHEN icd9_procedure_code IS NOT NULL THEN 'icd-9-pcs' ELSE 'icd-10-pcs' END) AS code_type
        {{- range $i := seq 1 25}},
        max(CASE WHEN place = {{$i}} THEN code END) AS code_{{$i}}, max(CASE WHEN place = {{$i}} THEN day END) AS date_{{$i}}{{end}}
    FROM (
        SELECT
            _source, explanation_of_benefit_id, icd9_procedure_code, coalesce(icd10pcs_code, icd9_procedure_code, procedure_code) AS code, date AS day,
            row_number() OVER (PARTITION BY _source, explanation_of_benefit_id ORDER BY coalesce(sequence, position), position) AS place
        FROM explanation_of_benefit_procedure
    ) AS p
    GROUP BY _source, explanation_of_benefit_id
)
SELECT
    l.claim_id AS claim_id, -- EOB id
    l.claim_line_number AS claim_line_number, -- item.sequence, else its position
    l.claim_type AS claim_type, -- type: institutional, professional, dental, vision or undetermined
    l.patient_id AS person_id, -- patient
    coalesce({{memberID}}, l.patient_id) AS member_id, -- the Patient's member number, else unique member id, Medicare number, CMS beneficiary id, id: the same as in eligibility
    {{payer ", l.payer"}} AS payer, -- payor of the coverage, as in eligibility; else the insurer
    {{plan ", l.payer"}} AS {{quote "plan"}}, -- plan of the coverage, as in eligibility; else the insurer
    l.claim_start_date AS claim_start_date, -- billablePeriod.start
    l.claim_end_date AS claim_end_date, -- billablePeriod.end
    l.service_start_date AS claim_line_start_date, -- item.serviced, else billablePeriod
    l.service_end_date AS claim_line_end_date, -- item.serviced, else billablePeriod
    l.admission_date AS admission_date, -- supportingInfo or hospitalization
    l.discharge_date AS discharge_date, -- supportingInfo or hospitalization
    e.point_of_origin_code AS admit_source_code, -- supportingInfo: point of origin
    e.admission_type_code AS admit_type_code, -- supportingInfo: type of admission
    e.discharge_status_code AS discharge_disposition_code, -- supportingInfo: discharge status
    l.place_of_service_code AS place_of_service_code, -- item.location
    CASE WHEN e.facility_type_code IS NOT NULL AND e.service_classification_code IS NOT NULL AND l.bill_type_code = substring(l.bill_type_code, 1, 1) THEN concat(e.facility_type_code, e.service_classification_code, l.bill_type_code) ELSE l.bill_type_code END AS bill_type_code, -- supportingInfo: type of bill; of CMS put together from facility type, classification and frequency
    CASE WHEN l.drg_code IS NOT NULL THEN 'ms-drg' END AS drg_code_type, -- ms-drg where there is a DRG
    l.drg_code AS drg_code, -- supportingInfo: DRG
    l.revenue_code AS revenue_center_code, -- item.revenue
    l.quantity AS service_unit_quantity, -- item.quantity
    l.procedure_code AS hcpcs_code, -- item.productOrService
    l.modifier_1 AS hcpcs_modifier_1, -- item.modifier
    l.modifier_2 AS hcpcs_modifier_2, -- item.modifier
    l.modifier_3 AS hcpcs_modifier_3, -- item.modifier
    l.modifier_4 AS hcpcs_modifier_4, -- item.modifier
    l.modifier_5 AS hcpcs_modifier_5, -- item.modifier
    l.rendering_npi AS rendering_npi, -- careTeam: performing provider
    {{null "text"}} AS rendering_tin, -- null: FHIR claims do not carry it
    l.billing_npi AS billing_npi, -- provider
    l.billing_tin AS billing_tin, -- provider: tax id
    coalesce(l.facility_npi, CASE WHEN l.claim_type = 'institutional' THEN l.billing_npi END) AS facility_npi, -- facility, else the billing provider of an institutional claim
    l.paid_date AS paid_date, -- payment.date
    l.paid_amount AS paid_amount, -- see claim_line
    {{totalCost}} AS allowed_amount, -- see claim_line; where no allowed amount was sent, what all payers and the member pay together
    l.charge_amount AS charge_amount, -- see claim_line
    l.coinsurance_amount AS coinsurance_amount, -- see claim_line
    l.copay_amount AS copayment_amount, -- see claim_line
    l.deductible_amount AS deductible_amount, -- see claim_line
    {{totalCost}} AS total_cost_amount, -- the allowed amount, else what all payers and the member pay together
    d.code_type AS diagnosis_code_type, -- icd-10-cm or icd-9-cm
{{- range $i := seq 1 25}}
    d.code_{{$i}} AS diagnosis_code_{{$i}}, -- diagnosis {{$i}}, the principal one first, without its dot
{{- end}}
{{- range $i := seq 1 25}}
    d.poa_{{$i}} AS diagnosis_poa_{{$i}}, -- diagnosis {{$i}}: present on admission
{{- end}}
    q.code_type AS procedure_code_type, -- icd-10-pcs or icd-9-pcs
{{- range $i := seq 1 25}}
    q.code_{{$i}} AS procedure_code_{{$i}}, -- procedure {{$i}}
{{- end}}
{{- range $i := seq 1 25}}
    q.date_{{$i}} AS procedure_date_{{$i}}, -- procedure {{$i}}: its day
{{- end}}
    {{network}} AS in_network_flag, -- supportingInfo: contracting status of the billing provider
    l._source AS data_source, -- name of the source
    l._file_id AS file_name, -- file of the run that the claim was read from
    {{date "l._retrieved_at"}} AS file_date, -- day on which that file was requested
    l._retrieved_at AS ingest_datetime -- when that file was requested
FROM claim_line AS l
JOIN explanation_of_benefit AS e ON e._source = l._source AND e.id = l.claim_id
LEFT JOIN patient AS p ON p._source = l._source AND p.id = l.patient_id
LEFT JOIN coverage AS c ON c._source = l._source AND c.id = l.coverage_id
LEFT JOIN diagnosis AS d ON d._source = l._source AND d.explanation_of_benefit_id = l.claim_id
LEFT JOIN performed AS q ON q._source = l._source AND q.explanation_of_benefit_id = l.claim_id
WHERE l.is_final_action AND l.claim_type <> 'pharmacy'
