-- The Tuva Project's input layer: one row per prescription that was not withdrawn. See docs/tuva.md.
SELECT
    m.id AS medication_id, -- MedicationRequest.id
    m.patient_id AS person_id, -- MedicationRequest.subject
    {{null "text"}} AS payer, -- null: FHIR prescriptions do not carry it
    m.patient_id AS patient_id, -- MedicationRequest.subject
    m.encounter_id AS encounter_id, -- MedicationRequest.encounter
    {{null "text"}} AS dispensing_date, -- null: a prescription does not say it
    {{date "m.authored_on"}} AS prescribing_date, -- MedicationRequest.authoredOn
    CASE WHEN m.ndc_code IS NOT NULL THEN 'ndc' WHEN m.rxnorm_code IS NOT NULL THEN 'rxnorm' END AS source_code_type, -- ndc or rxnorm
    coalesce({{ndc "m.ndc_code"}}, m.rxnorm_code, m.medication_code) AS source_code, -- MedicationRequest.medication
    coalesce(m.medication_display, m.medication_text, m.medication_reference_display) AS source_description, -- MedicationRequest.medication
    {{ndc "m.ndc_code"}} AS ndc_code, -- MedicationRequest.medication: NDC, 11 digits
    {{null "text"}} AS ndc_description, -- null: Tuva looks it up
    m.rxnorm_code AS rxnorm_code, -- MedicationRequest.medication: RxNorm
    {{null "text"}} AS rxnorm_description, -- null: Tuva looks it up
    {{null "text"}} AS atc_code, -- null: Tuva looks it up
    {{null "text"}} AS atc_description, -- null: Tuva looks it up
    coalesce(m.dosage_route_display, m.dosage_route_text, m.dosage_route_code) AS route, -- MedicationRequest.dosageInstruction.route
    {{null "text"}} AS strength, -- null: FHIR prescriptions do not carry it
    m.dispense_quantity_value AS quantity, -- MedicationRequest.dispenseRequest.quantity
    m.dispense_quantity_unit AS quantity_unit, -- MedicationRequest.dispenseRequest.quantity
    CASE WHEN m.expected_supply_duration_code = 'd' OR lower(m.expected_supply_duration_unit) IN ('d', 'day', 'days') THEN m.expected_supply_duration_value END AS days_supply, -- MedicationRequest.dispenseRequest.expectedSupplyDuration, where it is in days
    m.requester_id AS practitioner_id, -- MedicationRequest.requester
    m._source AS data_source, -- name of the source
    m._file_id AS file_name, -- file of the run that the prescription was read from
    m._retrieved_at AS ingest_datetime -- when that file was requested
FROM medication_request AS m
WHERE coalesce(m.status, 'active') NOT IN ('cancelled', 'entered-in-error', 'draft') AND NOT coalesce(m.do_not_perform, false)
