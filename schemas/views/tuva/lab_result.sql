-- The Tuva Project's input layer: one row per observation of the laboratory, or component of one, with a value. See docs/tuva.md.
WITH laboratory AS (
    SELECT DISTINCT _source, observation_id FROM observation_category WHERE category_code = 'laboratory'
),
panel AS (
    SELECT _source, member_id, min(observation_id) AS observation_id
    FROM observation_has_member
    WHERE member_id IS NOT NULL
    GROUP BY _source, member_id
),
measured AS (
    SELECT
        _source, id, id AS lab_result_id, {{null "text"}} AS order_id, loinc_code, snomed_code, coalesce(code_display, code_text) AS description,
        {{result}} AS result, value_quantity_unit AS unit, reference_range_low_value AS low, reference_range_high_value AS high, interpretation_code
    FROM observation
    UNION ALL
    SELECT
        _source, observation_id AS id, concat(observation_id, '-', {{text "position"}}) AS lab_result_id, observation_id AS order_id, loinc_code, snomed_code, coalesce(code_display, code_text) AS description,
        {{result}} AS result, value_quantity_unit AS unit, reference_range_low_value AS low, reference_range_high_value AS high, interpretation_code
    FROM observation_component
)
SELECT
    m.lab_result_id AS lab_result_id, -- Observation.id; of a component with its number
    o.patient_id AS person_id, -- Observation.subject
    o.patient_id AS patient_id, -- Observation.subject
    o.encounter_id AS encounter_id, -- Observation.encounter
    coalesce(m.order_id, n.observation_id) AS accession_number, -- Observation that has it as component or member
    CASE WHEN q.loinc_code IS NOT NULL THEN 'loinc' WHEN q.snomed_code IS NOT NULL THEN 'snomed-ct' END AS source_order_type, -- code system of that observation
    coalesce(q.loinc_code, q.snomed_code, q.code_code) AS source_order_code, -- code of that observation
    coalesce(q.code_display, q.code_text) AS source_order_description, -- display of that observation
    CASE WHEN m.loinc_code IS NOT NULL THEN 'loinc' WHEN m.snomed_code IS NOT NULL THEN 'snomed-ct' END AS source_component_type, -- loinc or snomed-ct
    coalesce(m.loinc_code, m.snomed_code) AS source_component_code, -- Observation.code
    m.description AS source_component_description, -- Observation.code
    {{null "text"}} AS normalized_order_type, -- null: Tuva normalizes
    {{null "text"}} AS normalized_order_code, -- null: Tuva normalizes
    {{null "text"}} AS normalized_order_description, -- null: Tuva normalizes
    {{null "text"}} AS normalized_component_type, -- null: Tuva normalizes
    {{null "text"}} AS normalized_component_code, -- null: Tuva normalizes
    {{null "text"}} AS normalized_component_description, -- null: Tuva normalizes
    o.status AS status, -- Observation.status
    m.result AS result, -- Observation.value, as text
    coalesce(o.issued, o.effective_start) AS result_datetime, -- Observation.issued, else effective
    o.effective_start AS collection_datetime, -- Observation.effective
    m.unit AS source_units, -- Observation.valueQuantity.unit
    {{null "text"}} AS normalized_units, -- null: Tuva normalizes
    {{decimalText "m.low"}} AS source_reference_range_low, -- Observation.referenceRange
    {{decimalText "m.high"}} AS source_reference_range_high, -- Observation.referenceRange
    {{null "text"}} AS normalized_reference_range_low, -- null: Tuva normalizes
    {{null "text"}} AS normalized_reference_range_high, -- null: Tuva normalizes
    CASE WHEN m.interpretation_code IN ('A', 'AA', 'H', 'HH', 'HU', 'L', 'LL', 'LU', 'POS') THEN 1 WHEN m.interpretation_code IN ('N', 'NEG') THEN 0 END AS source_abnormal_flag, -- Observation.interpretation: 1 abnormal, 0 normal
    {{null "int"}} AS normalized_abnormal_flag, -- null: Tuva normalizes
    o.specimen_display AS specimen, -- Observation.specimen
    {{null "text"}} AS ordering_practitioner_id, -- null: FHIR observations name who performed, not who ordered
    o._source AS data_source, -- name of the source
    o._file_id AS file_name, -- file of the run that the observation was read from
    o._retrieved_at AS ingest_datetime -- when that file was requested
FROM measured AS m
JOIN observation AS o ON o._source = m._source AND o.id = m.id
JOIN laboratory AS c ON c._source = m._source AND c.observation_id = m.id
LEFT JOIN panel AS n ON n._source = m._source AND n.member_id = m.lab_result_id
LEFT JOIN observation AS q ON q._source = m._source AND q.id = coalesce(m.order_id, n.observation_id)
WHERE m.result IS NOT NULL AND coalesce(o.status, 'final') NOT IN ('cancelled', 'entered-in-error')
