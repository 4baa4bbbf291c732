-- One row per billed line with what its header says, its diagnoses and its amounts; a claim without lines has one row, with the amounts of its header.
WITH diagnosis AS (
    {{diagnoses "explanation_of_benefit"}}
),
performer AS (
    {{careTeam "'performing', 'rendering', 'primary'"}}
)
SELECT
    e._source AS _source, -- Name of the source
    e.id AS claim_id, -- Id of the explanation of benefit
    coalesce(i.path, '') AS line_path, -- Place of the line in the claim; empty for a claim without lines
    coalesce(i.sequence, i.position, 1) AS claim_line_number, -- Number of the line
    v.is_final_action AS is_final_action, -- Whether the claim counts; see claim_version
    v.claim_group AS claim_group, -- What versions of a claim share
    e.status AS status, -- active, cancelled, draft or entered-in-error
    CASE
        WHEN e.claim_type_code = 'oral' THEN 'dental'
        WHEN e.claim_type_code IN ('institutional', 'professional', 'pharmacy', 'vision') THEN e.claim_type_code
        WHEN e.cms_eob_type IN ('CARRIER', 'DME') THEN 'professional'
        WHEN e.cms_eob_type IN ('INPATIENT', 'OUTPATIENT', 'SNF', 'HOSPICE', 'HHA') THEN 'institutional'
        WHEN e.cms_eob_type = 'PDE' THEN 'pharmacy'
        ELSE 'undetermined'
    END AS claim_type, -- institutional, professional, pharmacy, dental, vision or undetermined
    e.patient_id AS patient_id, -- Patient
    e.insurer_id AS insurer_id, -- Payer
    coalesce(e.insurer_name, e.insurer_display, e.insurer_identifier, e.insurer_id) AS payer, -- Payer: name, else identifier, else id
    e.insurance_coverage_id AS coverage_id, -- Coverage
    e.provider_id AS provider_id, -- Billing provider
    e.provider_npi AS billing_npi, -- Billing provider: NPI
    e.provider_tax_id AS billing_tin, -- Billing provider: tax id
    f.npi AS rendering_npi, -- Rendering provider: NPI
    e.facility_npi AS facility_npi, -- Facility: NPI
    e.billable_start AS claim_start_date, -- First day of the claim
    e.billable_end AS claim_end_date, -- Last day of the claim
    coalesce(i.serviced_start, e.billable_start) AS service_start_date, -- First day of the service
    coalesce(i.serviced_end, i.serviced_start, e.billable_end, e.billable_start) AS service_end_date, -- Last day of the service
    e.admission_date AS admission_date, -- Day of admission
    e.discharge_date AS discharge_date, -- Day of discharge
    e.payment_date AS paid_date, -- Day of payment
    e.type_of_bill_code AS bill_type_code, -- Type of bill
    e.drg_code AS drg_code, -- Diagnosis related group
    i.revenue_code AS revenue_code, -- Revenue center
    coalesce(i.hcpcs_code, CASE WHEN i.ndc_code IS NULL AND i.product_or_service_code <> 'not-applicable' THEN i.product_or_service_code END) AS procedure_code, -- Service: HCPCS, else what stands in its place
    i.ndc_code AS ndc_code, -- Drug
    i.modifier_1 AS modifier_1, -- First modifier
    i.modifier_2 AS modifier_2, -- Second modifier
    i.modifier_3 AS modifier_3, -- Third modifier
    i.modifier_4 AS modifier_4, -- Fourth modifier
    i.modifier_5 AS modifier_5, -- Fifth modifier
    i.place_of_service_code AS place_of_service_code, -- Place of service
    i.quantity_value AS quantity, -- Units
    d.principal_code AS principal_diagnosis_code, -- Diagnosis of type principal
{{- range $i := seq 1 12}}
    d.diagnosis_code_{{$i}} AS diagnosis_code_{{$i}}, -- Diagnosis {{$i}}, without its dot
{{- end}}
{{- range amounts}}
    CASE WHEN i.path IS NOT NULL THEN {{.Line}} ELSE {{.Header}} END AS {{.Name}}, -- {{.Description}}
{{- end}}
    coalesce(i.currency, e.total_currency, e.payment_amount_currency) AS currency, -- Currency of the amounts
    e._run_id AS _run_id, -- Run that loaded the claim
    e._file_id AS _file_id, -- File that it was read from
    e._line AS _line, -- Line of that file
    e._retrieved_at AS _retrieved_at -- When the file was requested, UTC
FROM explanation_of_benefit AS e
LEFT JOIN (SELECT * FROM explanation_of_benefit_item WHERE level = 1) AS i ON i._source = e._source AND i.explanation_of_benefit_id = e.id
LEFT JOIN claim_version AS v ON v._source = e._source AND v.claim_id = e.id
LEFT JOIN diagnosis AS d ON d._source = e._source AND d.explanation_of_benefit_id = e.id
LEFT JOIN performer AS f ON f._source = e._source AND f.explanation_of_benefit_id = e.id
