-- The Tuva Project's input layer: one row per procedure that was done. See docs/tuva.md.
SELECT
    p.id AS procedure_id, -- Procedure.id
    p.patient_id AS person_id, -- Procedure.subject
    p.patient_id AS patient_id, -- Procedure.subject
    p.encounter_id AS encounter_id, -- Procedure.encounter
    {{null "text"}} AS claim_id, -- null: procedures of claims come with the claims
    {{date "coalesce(p.performed_start, p.performed_end, p.recorded)"}} AS procedure_date, -- Procedure.performed
    CASE WHEN p.hcpcs_code IS NOT NULL THEN 'hcpcs' WHEN p.icd10pcs_code IS NOT NULL THEN 'icd-10-pcs' WHEN p.icd9_procedure_code IS NOT NULL THEN 'icd-9-pcs' WHEN p.snomed_code IS NOT NULL THEN 'snomed-ct' END AS source_code_type, -- hcpcs, icd-10-pcs, icd-9-pcs or snomed-ct
    coalesce(p.hcpcs_code, p.icd10pcs_code, {{plain "p.icd9_procedure_code"}}, p.snomed_code, p.code_code) AS source_code, -- Procedure.code
    coalesce(p.code_display, p.code_text) AS source_description, -- Procedure.code
    {{null "text"}} AS normalized_code_type, -- null: Tuva normalizes
    {{null "text"}} AS normalized_code, -- null: Tuva normalizes
    {{null "text"}} AS normalized_description, -- null: Tuva normalizes
    {{null "text"}} AS modifier_1, -- null: FHIR procedures do not carry it
    {{null "text"}} AS modifier_2, -- null: FHIR procedures do not carry it
    {{null "text"}} AS modifier_3, -- null: FHIR procedures do not carry it
    {{null "text"}} AS modifier_4, -- null: FHIR procedures do not carry it
    {{null "text"}} AS modifier_5, -- null: FHIR procedures do not carry it
    p.performer_id AS practitioner_id, -- Procedure.performer
    p._source AS data_source, -- name of the source
    p._file_id AS file_name, -- file of the run that the procedure was read from
    p._retrieved_at AS ingest_datetime -- when that file was requested
FROM procedure AS p
WHERE coalesce(p.status, 'completed') NOT IN ('preparation', 'not-done', 'entered-in-error') AND NOT coalesce(p.not_done, false)
