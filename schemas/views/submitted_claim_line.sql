-- One row per line of a claim as it was submitted (resource Claim), with whether an explanation of benefit answers it; a claim without lines has one row, with the total of its header.
WITH diagnosis AS (
    {{diagnoses "claim"}}
),
answer AS (
    SELECT _source, claim_id, min(id) AS explanation_of_benefit_id
    FROM explanation_of_benefit
    WHERE claim_id IS NOT NULL
    GROUP BY _source, claim_id
)
SELECT
    c._source AS _source, -- Name of the source
    c.id AS claim_id, -- Id of the claim
    coalesce(i.path, '') AS line_path, -- Place of the line in the claim; empty for a claim without lines
    coalesce(i.sequence, i.position, 1) AS claim_line_number, -- Number of the line
    c.status AS status, -- active, cancelled, draft or entered-in-error
    c.use AS use_code, -- claim, preauthorization or predetermination
    coalesce(c.claim_type_code, c.type_code) AS claim_type_code, -- Type of the claim
    a.explanation_of_benefit_id AS explanation_of_benefit_id, -- Explanation of benefit that answers the claim, the first by id; empty while it is not adjudicated
    c.patient_id AS patient_id, -- Patient
    coalesce(c.insurer_name, c.insurer_display, c.insurer_identifier, c.insurer_id) AS payer, -- Payer: name, else identifier, else id
    c.insurance_coverage_id AS coverage_id, -- Coverage
    c.provider_id AS provider_id, -- Billing provider
    c.provider_npi AS billing_npi, -- Billing provider: NPI
    c.provider_tax_id AS billing_tin, -- Billing provider: tax id
    c.facility_npi AS facility_npi, -- Facility: NPI
    c.created AS created, -- When the claim was made
    c.billable_start AS claim_start_date, -- First day of the claim
    c.billable_end AS claim_end_date, -- Last day of the claim
    coalesce(i.serviced_start, c.billable_start) AS service_start_date, -- First day of the service
    coalesce(i.serviced_end, i.serviced_start, c.billable_end, c.billable_start) AS service_end_date, -- Last day of the service
    c.admission_date AS admission_date, -- Day of admission
    c.discharge_date AS discharge_date, -- Day of discharge
    c.type_of_bill_code AS bill_type_code, -- Type of bill
    c.drg_code AS drg_code, -- Diagnosis related group
    i.revenue_code AS revenue_code, -- Revenue center
    coalesce(i.hcpcs_code, CASE WHEN i.ndc_code IS NULL AND i.product_or_service_code <> 'not-applicable' THEN i.product_or_service_code END) AS procedure_code, -- Service: HCPCS, else what stands in its place
    i.ndc_code AS ndc_code, -- Drug
    i.modifier_1 AS modifier_1, -- First modifier
    i.modifier_2 AS modifier_2, -- Second modifier
    i.modifier_3 AS modifier_3, -- Third modifier
    i.modifier_4 AS modifier_4, -- Fourth modifier
    i.place_of_service_code AS place_of_service_code, -- Place of service
    i.quantity_value AS quantity, -- Units
    d.principal_code AS principal_diagnosis_code, -- Diagnosis of type principal
{{- range $i := seq 1 12}}
    d.diagnosis_code_{{$i}} AS diagnosis_code_{{$i}}, -- Diagnosis {{$i}}, without its dot
{{- end}}
    CASE WHEN i.path IS NULL OR i.net IS NULL AND c.item_count = 1 THEN c.total ELSE i.net END AS charge_amount, -- Charged by the provider: of the line, or of the claim where that has one line at most
    coalesce(i.net_currency, c.total_currency) AS currency, -- Currency of the amount
    c._run_id AS _run_id, -- Run that loaded the claim
    c._file_id AS _file_id, -- File that it was read from
    c._line AS _line, -- Line of that file
    c._retrieved_at AS _retrieved_at -- When the file was requested, UTC
FROM claim AS c
LEFT JOIN (SELECT * FROM claim_item WHERE level = 1) AS i ON i._source = c._source AND i.claim_id = c.id
LEFT JOIN diagnosis AS d ON d._source = c._source AND d.claim_id = c.id
LEFT JOIN answer AS a ON a._source = c._source AND a.claim_id = c.id
