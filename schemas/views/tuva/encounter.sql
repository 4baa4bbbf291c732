-- The Tuva Project's input layer: one row per encounter that took place. See docs/tuva.md.
WITH first_diagnosis AS (
    SELECT _source, encounter_id, condition_id, condition_concept_code
    FROM (
        SELECT
            _source, encounter_id, condition_id, condition_concept_code,
            row_number() OVER (PARTITION BY _source, encounter_id ORDER BY CASE WHEN rank IS NULL THEN 1 ELSE 0 END, rank, position) AS place
        FROM encounter_diagnosis
    ) AS d
    WHERE place = 1
)
SELECT
    e.id AS encounter_id, -- Encounter.id
    e.patient_id AS person_id, -- Encounter.subject
    e.patient_id AS patient_id, -- Encounter.subject
    CASE
        WHEN e.class_code IN ('IMP', 'ACUTE', 'NONAC', 'inpatient') THEN 'acute inpatient'
        WHEN e.class_code IN ('EMER', 'emergency') THEN 'emergency department'
        WHEN e.class_code IN ('HH', 'home') THEN 'home health'
        WHEN e.class_code IN ('VR', 'virtual') THEN 'telehealth'
        WHEN e.class_code IN ('OBSENC', 'SS') THEN 'outpatient hospital or clinic'
        WHEN e.class_code IN ('AMB', 'ambulatory', 'outpatient') THEN 'office visit'
        ELSE 'other'
    END AS encounter_type, -- Encounter.class, in Tuva's words
    {{date "e.period_start"}} AS encounter_start_date, -- Encounter.period.start
    {{date "coalesce(e.period_end, e.period_start)"}} AS encounter_end_date, -- Encounter.period.end, else its start
    date_diff('day', {{date "e.period_start"}}, {{date "coalesce(e.period_end, e.period_start)"}}) AS length_of_stay, -- days from start to end
    CASE WHEN length(e.admit_source_code) = 1 THEN e.admit_source_code END AS admit_source_code, -- Encounter.hospitalization, where it is NUBC's code
    coalesce(e.admit_source_display, e.admit_source_text) AS admit_source_description, -- Encounter.hospitalization
    {{null "text"}} AS admit_type_code, -- null: FHIR encounters do not carry it
    {{null "text"}} AS admit_type_description, -- null: FHIR encounters do not carry it
    CASE WHEN length(e.discharge_disposition_code) = 2 THEN e.discharge_disposition_code END AS discharge_disposition_code, -- Encounter.hospitalization, where it is NUBC's code
    coalesce(e.discharge_disposition_display, e.discharge_disposition_text) AS discharge_disposition_description, -- Encounter.hospitalization
    coalesce(e.attending_id, e.participant_id) AS attending_provider_id, -- Encounter.participant: the attender, else the first
    coalesce(e.attending_display, e.participant_display) AS attending_provider_name, -- Encounter.participant: its display
    o.npi AS facility_npi, -- Encounter.serviceProvider: NPI of the Organization
    coalesce(e.service_provider_display, o.name) AS facility_name, -- Encounter.serviceProvider
    CASE WHEN coalesce(c.icd10cm_code, e.reason_icd10cm_code) IS NOT NULL THEN 'icd-10-cm' WHEN c.icd9cm_code IS NOT NULL THEN 'icd-9-cm' WHEN coalesce(c.snomed_code, e.reason_snomed_code) IS NOT NULL THEN 'snomed-ct' END AS primary_diagnosis_code_type, -- system of the diagnosis
    {{plain "coalesce(c.icd10cm_code, e.reason_icd10cm_code, c.icd9cm_code, c.snomed_code, e.reason_snomed_code)"}} AS primary_diagnosis_code, -- Encounter.diagnosis of the first rank, else the reason, without its dot
    coalesce(c.code_display, c.code_text, e.reason_display, e.reason_text) AS primary_diagnosis_description, -- Encounter.diagnosis, else the reason
    {{null "text"}} AS drg_code_type, -- null: FHIR encounters do not carry it
    {{null "text"}} AS drg_code, -- null: FHIR encounters do not carry it
    {{null "text"}} AS drg_description, -- null: FHIR encounters do not carry it
    {{null "text"}} AS paid_amount, -- null: amounts are on claims
    {{null "text"}} AS allowed_amount, -- null: amounts are on claims
    {{null "text"}} AS charge_amount, -- null: amounts are on claims
    e._source AS data_source, -- name of the source
    e._file_id AS file_name, -- file of the run that the encounter was read from
    e._retrieved_at AS ingest_datetime -- when that file was requested
FROM encounter AS e
LEFT JOIN organization AS o ON o._source = e._source AND o.id = e.service_provider_id
LEFT JOIN first_diagnosis AS d ON d._source = e._source AND d.encounter_id = e.id
LEFT JOIN condition AS c ON c._source = d._source AND c.id = d.condition_id
WHERE coalesce(e.status, 'finished') NOT IN ('planned', 'cancelled', 'entered-in-error')
