-- The Tuva Project's input layer: one row per observation or component with a value, those of the laboratory excepted. See docs/tuva.md.
WITH category AS (
    SELECT _source, observation_id, max(CASE WHEN category_code = 'laboratory' THEN 1 ELSE 0 END) AS is_laboratory, min(CASE WHEN category_code IN ('social-history', 'vital-signs', 'imaging', 'laboratory', 'procedure', 'survey', 'exam', 'therapy', 'activity') THEN category_code END) AS code
    FROM observation_category
    GROUP BY _source, observation_id
),
panel AS (
    SELECT _source, member_id, min(observation_id) AS observation_id
    FROM observation_has_member
    WHERE member_id IS NOT NULL
    GROUP BY _source, member_id
),
measured AS (
    SELECT
        _source, id, id AS observation_id, {{null "text"}} AS panel_id, loinc_code, snomed_code, hcpcs_code, code_code, coalesce(code_display, code_text) AS description,
        {{result}} AS result, value_quantity_unit AS unit, reference_range_low_value AS low, reference_range_high_value AS high
    FROM observation
    UNION ALL
    SELECT
        _source, observation_id AS id, concat(observation_id, '-', {{text "position"}}) AS observation_id, observation_id AS panel_id, loinc_code, snomed_code, {{null "text"}} AS hcpcs_code, code_code, coalesce(code_display, code_text) AS description,
        {{result}} AS result, value_quantity_unit AS unit, reference_range_low_value AS low, reference_range_high_value AS high
    FROM observation_component
)
SELECT
    m.observation_id AS observation_id, -- Observation.id; of a component with its number
    o.patient_id AS person_id, -- Observation.subject
    {{null "text"}} AS payer, -- null: FHIR observations do not carry it
    o.patient_id AS patient_id, -- Observation.subject
    o.encounter_id AS encounter_id, -- Observation.encounter
    coalesce(m.panel_id, n.observation_id) AS panel_id, -- Observation that has it as component or member
    {{date "coalesce(o.effective_start, o.effective_end, o.issued)"}} AS observation_date, -- Observation.effective, else issued
    coalesce(c.code, 'other') AS observation_type, -- Observation.category
    CASE WHEN m.loinc_code IS NOT NULL THEN 'loinc' WHEN m.snomed_code IS NOT NULL THEN 'snomed-ct' WHEN m.hcpcs_code IS NOT NULL THEN 'hcpcs' END AS source_code_type, -- loinc, snomed-ct or hcpcs
    coalesce(m.loinc_code, m.snomed_code, m.hcpcs_code, m.code_code) AS source_code, -- Observation.code
    m.description AS source_description, -- Observation.code
    {{null "text"}} AS normalized_code_type, -- null: Tuva normalizes
    {{null "text"}} AS normalized_code, -- null: Tuva normalizes
    {{null "text"}} AS normalized_description, -- null: Tuva normalizes
    m.result AS result, -- Observation.value, as text
    m.unit AS source_units, -- Observation.valueQuantity.unit
    {{null "text"}} AS normalized_units, -- null: Tuva normalizes
    {{decimalText "m.low"}} AS source_reference_range_low, -- Observation.referenceRange
    {{decimalText "m.high"}} AS source_reference_range_high, -- Observation.referenceRange
    {{null "text"}} AS normalized_reference_range_low, -- null: Tuva normalizes
    {{null "text"}} AS normalized_reference_range_high, -- null: Tuva normalizes
    o._source AS data_source, -- name of the source
    o._file_id AS file_name, -- file of the run that the observation was read from
    o._retrieved_at AS ingest_datetime -- when that file was requested
FROM measured AS m
JOIN observation AS o ON o._source = m._source AND o.id = m.id
LEFT JOIN category AS c ON c._source = m._source AND c.observation_id = m.id
LEFT JOIN panel AS n ON n._source = m._source AND n.member_id = m.observation_id
WHERE m.result IS NOT NULL AND coalesce(c.is_laboratory, 0) = 0 AND coalesce(o.status, 'final') NOT IN ('cancelled', 'entered-in-error')
