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
),
performer AS (
    {{team "'performing', 'rendering', 'primary'"}}
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
    l.claim_type AS claim_type, -- type: institutional, professional, dental, vision or undetermined
    l.patient_id AS person_id, -- patient
    coalesce({{memberID}}, l.patient_id) AS member_id, -- the Patient's member number, else unique member id, Medicare number, CMS beneficiary id, id: the same as in eligibility
    coalesce(i.payer, c.payer, l.payer) AS payer, -- payor of the coverage, as in eligibility; else the insurer
    coalesce(i.{{quote "plan"}}, c.{{quote "plan"}}, l.payer) AS {{quote "plan"}}, -- plan of the coverage, as in eligibility; else the insurer
    coalesce(l.claim_start_date, min(l.service_start_date) OVER (PARTITION BY l._source, l.claim_id)) AS claim_start_date, -- billablePeriod.start, else the first day of service
    coalesce(l.claim_end_date, max(l.service_end_date) OVER (PARTITION BY l._source, l.claim_id)) AS claim_end_date, -- billablePeriod.end, else the last day of service
    l.service_start_date AS claim_line_start_date, -- item.serviced, else billablePeriod
    l.service_end_date AS claim_line_end_date, -- item.serviced, else billablePeriod
    l.admission_date AS admission_date, -- supportingInfo or hospitalization
    l.discharge_date AS discharge_date, -- supportingInfo or hospitalization
    e.point_of_origin_code AS admit_source_code, -- supportingInfo: point of origin
    e.admission_type_code AS admit_type_code, -- supportingInfo: type of admission
    {{padded "e.discharge_status_code" 2}} AS discharge_disposition_code, -- supportingInfo: discharge status
    {{padded "l.place_of_service_code" 2}} AS place_of_service_code, -- item.location
    CASE WHEN e.facility_type_code IS NOT NULL AND e.service_classification_code IS NOT NULL AND l.bill_type_code = substring(l.bill_type_code, 1, 1) THEN concat(e.facility_type_code, e.service_classification_code, l.bill_type_code) ELSE l.bill_type_code END AS bill_type_code, -- supportingInfo: type of bill; of CMS put together from facility type, classification and frequency
    CASE WHEN l.drg_code IS NOT NULL THEN 'ms-drg' END AS drg_code_type, -- ms-drg where there is a DRG
    CASE WHEN length(l.drg_code) = 4 AND l.drg_code LIKE '0%' THEN substring(l.drg_code, 2) ELSE {{padded "l.drg_code" 3}} END AS drg_code, -- supportingInfo: DRG, of three digits
    {{padded "l.revenue_code" 4}} AS revenue_center_code, -- item.revenue, of four digits
    l.quantity AS service_unit_quantity, -- item.quantity
    l.procedure_code AS hcpcs_code, -- item.productOrService
    l.modifier_1 AS hcpcs_modifier_1, -- item.modifier
    l.modifier_2 AS hcpcs_modifier_2, -- item.modifier
    l.modifier_3 AS hcpcs_modifier_3, -- item.modifier
    l.modifier_4 AS hcpcs_modifier_4, -- item.modifier
    l.modifier_5 AS hcpcs_modifier_5, -- item.modifier
    coalesce({{npi "l.rendering_npi"}}, f.npi) AS rendering_npi, -- careTeam: performing provider, or the Practitioner or Organization that it names
    {{null "text"}} AS rendering_tin, -- null: FHIR claims do not carry it
    {{billing}} AS billing_npi, -- provider, or the Organization or Practitioner that it names
    coalesce(l.billing_tin, o.tax_id, a.tax_id) AS billing_tin, -- provider: tax id, or that of the Organization or Practitioner
    coalesce({{npi "l.facility_npi"}}, {{npi "h.npi"}}, {{npi "b.npi"}}, CASE WHEN l.claim_type = 'institutional' THEN {{billing}} END) AS facility_npi, -- facility, or the Location or Organization that it names; else the billing provider of an institutional claim
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
LEFT JOIN covered AS c ON c._source = l._source AND c.id = l.coverage_id
LEFT JOIN insured AS i ON i._source = l._source AND i.id = l.claim_id AND l.claim_type NOT IN ('dental', 'vision')
LEFT JOIN performer AS f ON f._source = l._source AND f.explanation_of_benefit_id = l.claim_id
LEFT JOIN organization AS o ON o._source = l._source AND o.id = l.provider_id
LEFT JOIN practitioner AS a ON a._source = l._source AND a.id = l.provider_id
LEFT JOIN location AS h ON h._source = l._source AND h.id = e.facility_id
LEFT JOIN organization AS b ON b._source = l._source AND b.id = e.facility_id
LEFT JOIN diagnosis AS d ON d._source = l._source AND d.explanation_of_benefit_id = l.claim_id
LEFT JOIN performed AS q ON q._source = l._source AND q.explanation_of_benefit_id = l.claim_id
WHERE l.is_final_action AND l.claim_type <> 'pharmacy'
