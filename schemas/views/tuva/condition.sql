-- The Tuva Project's input layer: one row per condition that is not refuted. See docs/tuva.md.
SELECT
    c.id AS condition_id, -- Condition.id
    {{null "text"}} AS payer, -- null: FHIR conditions do not carry it
    c.patient_id AS person_id, -- Condition.subject
    c.patient_id AS patient_id, -- Condition.subject
    c.encounter_id AS encounter_id, -- Condition.encounter
    {{null "text"}} AS claim_id, -- null: diagnoses of claims come with the claims
    {{date "coalesce(c.recorded_date, c.asserted_date, c.onset_start)"}} AS recorded_date, -- Condition.recordedDate, else the onset
    {{date "c.onset_start"}} AS onset_date, -- Condition.onset
    {{date "coalesce(c.abatement_start, c.abatement_end)"}} AS resolved_date, -- Condition.abatement
    c.clinical_status AS status, -- Condition.clinicalStatus
    c.category_code AS condition_type, -- Condition.category
    CASE WHEN c.icd10cm_code IS NOT NULL THEN 'icd-10-cm' WHEN c.icd9cm_code IS NOT NULL THEN 'icd-9-cm' WHEN c.snomed_code IS NOT NULL THEN 'snomed-ct' END AS source_code_type, -- icd-10-cm, icd-9-cm or snomed-ct
    {{plain "coalesce(c.icd10cm_code, c.icd9cm_code, c.snomed_code, c.code_code)"}} AS source_code, -- Condition.code: ICD-10-CM, else ICD-9-CM, else SNOMED CT, without its dot
    coalesce(c.code_display, c.code_text) AS source_description, -- Condition.code
    {{null "text"}} AS normalized_code_type, -- null: Tuva normalizes
    {{null "text"}} AS normalized_code, -- null: Tuva normalizes
    {{null "text"}} AS normalized_description, -- null: Tuva normalizes
    {{null "int"}} AS condition_rank, -- null: FHIR conditions do not carry it
    {{null "text"}} AS present_on_admit_code, -- null: FHIR conditions do not carry it
    {{null "text"}} AS present_on_admit_description, -- null: FHIR conditions do not carry it
    c._source AS data_source, -- name of the source
    c._file_id AS file_name, -- file of the run that the condition was read from
    c._retrieved_at AS ingest_datetime -- when that file was requested
FROM condition AS c
WHERE coalesce(c.verification_status, 'confirmed') NOT IN ('refuted', 'entered-in-error')
