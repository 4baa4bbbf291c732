-- One row per line, billed or added by the payer, with what its header says, its diagnoses and its amounts, which add up to what the claim says, once; a claim without lines has one row. See "A claim's money".
WITH diagnosis AS (
    {{diagnoses "explanation_of_benefit"}}
),
performer AS (
    {{careTeam "'performing', 'rendering', 'primary'"}}
),
lines AS (
    SELECT
        l.*,
        count(sequence) OVER (PARTITION BY _source, explanation_of_benefit_id) AS sequence_count,
        sum(CASE WHEN is_added = 0 THEN 1 ELSE 0 END) OVER (PARTITION BY _source, explanation_of_benefit_id) AS item_count,
        sum(CASE WHEN is_added = 0 AND repeats = 1 THEN 1 ELSE 0 END) OVER (PARTITION BY _source, explanation_of_benefit_id) AS distinct_count,
        max(sequence) OVER (PARTITION BY _source, explanation_of_benefit_id) AS last_sequence,
        row_number() OVER (PARTITION BY _source, explanation_of_benefit_id ORDER BY is_total, is_added, position) AS place
    FROM (SELECT i.*, row_number() OVER (PARTITION BY _source, explanation_of_benefit_id, is_added, sequence ORDER BY position) AS repeats FROM ({{template "lines"}}) AS i) AS l
)
SELECT
    e._source AS _source, -- Name of the source
    e.id AS claim_id, -- Id of the explanation of benefit
    coalesce(i.path, '') AS line_path, -- Place of the line in the claim; empty for a claim without lines
    CASE
        WHEN i.path IS NULL THEN 1
        WHEN i.is_added = 1 THEN i.position + CASE WHEN i.sequence_count = i.item_count AND i.distinct_count = i.item_count THEN coalesce(i.last_sequence, 0) ELSE i.item_count END
        WHEN i.sequence_count = i.item_count AND i.distinct_count = i.item_count THEN i.sequence
        ELSE i.position
    END AS claim_line_number, -- Number of the line, no other's in the claim: its sequence, or its place where sequences are missing or repeated; lines that the payer added follow
    v.is_final_action AS is_final_action, -- Whether the claim counts; see claim_version
    v.claim_group AS claim_group, -- What versions of a claim share
    e.status AS status, -- active, cancelled, draft or entered-in-error
    m.claim_type AS claim_type, -- institutional, professional, pharmacy, dental, vision or undetermined
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
    CASE
        WHEN m.{{.Kind}}_from = 'total line' THEN CASE WHEN i.is_total = 1 THEN i.{{.Kind}}_own END
        WHEN m.{{.Kind}}_from IN ('adjudication', 'total', 'payment', 'benefit balance') THEN CASE WHEN coalesce(i.place, 1) = 1 THEN m.{{.Kind}}_header END
        WHEN i.is_total = 1 OR i.is_added = 1 AND m.{{.Kind}}_from LIKE '%without added' THEN NULL
        WHEN i.is_added = 0 AND i.{{.Kind}}_own <> 0 AND m.{{.Kind}}_from LIKE 'lines and details%' THEN i.{{.Kind}}_own + coalesce(i.{{.Kind}}_detail, 0)
        WHEN i.is_added = 0 AND i.{{.Kind}}_detail IS NOT NULL AND m.{{.Kind}}_from LIKE 'details%' THEN i.{{.Kind}}_detail
        ELSE {{ownElse (print "i." .Kind "_own") (print "i." .Kind "_detail")}}
    END AS {{.Name}}, -- {{.Description}}
{{- end}}
    CASE WHEN coalesce(i.place, 1) = 1 AND ({{range $n, $a := amounts}}{{if $n}} OR {{end}}m.{{.Kind}}_from IN ('adjudication', 'total', 'payment', 'benefit balance'){{end}}) THEN 'header' ELSE 'line' END AS amount_level, -- header where some amount of the row is that of the whole claim, since no line has it; else line
    trim(CASE WHEN coalesce(i.place, 1) = 1 THEN concat({{range $n, $a := amounts}}{{if $n}}, {{end}}CASE WHEN m.{{.Kind}}_from IN ('adjudication', 'total', 'payment', 'benefit balance') THEN '{{.Kind}} ' ELSE '' END{{end}}) ELSE '' END) AS header_amounts, -- Which amounts of the row are those of the whole claim, such as paid deductible
    CAST(coalesce(i.is_added, 0) = 1 AS BOOLEAN) AS is_added_line, -- Whether the payer added the line
    CAST(coalesce(i.is_total, 0) = 1 AS BOOLEAN) AS is_total_line, -- Whether the line is of revenue center 0001, the sum of the others: it has no amounts where others have
    coalesce(i.currency, e.total_currency, e.payment_amount_currency) AS currency, -- Currency of the amounts
    e._run_id AS _run_id, -- Run that loaded the claim
    e._file_id AS _file_id, -- File that it was read from
    e._line AS _line, -- Line of that file
    e._retrieved_at AS _retrieved_at -- When the file was requested, UTC
FROM explanation_of_benefit AS e
JOIN claim_amount AS m ON m._source = e._source AND m.claim_id = e.id
LEFT JOIN lines AS i ON i._source = e._source AND i.explanation_of_benefit_id = e.id
JOIN claim_version AS v ON v._source = e._source AND v.claim_id = e.id
LEFT JOIN diagnosis AS d ON d._source = e._source AND d.explanation_of_benefit_id = e.id
LEFT JOIN performer AS f ON f._source = e._source AND f.explanation_of_benefit_id = e.id
