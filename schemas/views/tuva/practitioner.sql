-- The Tuva Project's input layer: one row per practitioner. See docs/tuva.md.
WITH place AS (
    SELECT _source, practitioner_id, min(organization_display) AS organization, min(organization_id) AS organization_id, min(coalesce(specialty_display, specialty_text)) AS specialty
    FROM practitioner_role
    WHERE practitioner_id IS NOT NULL
    GROUP BY _source, practitioner_id
)
SELECT
    p.id AS practitioner_id, -- Practitioner.id
    p.npi AS npi, -- Practitioner.identifier
    coalesce(p.first_name, p.given_name) AS first_name, -- Practitioner.name
    p.family_name AS last_name, -- Practitioner.name
    coalesce(r.organization, o.name) AS practice_affiliation, -- PractitionerRole.organization, the first by name
    coalesce(r.specialty, p.qualification_display, p.qualification_text) AS specialty, -- PractitionerRole.specialty, else Practitioner.qualification
    {{null "text"}} AS sub_specialty, -- null: FHIR does not tell it from the specialty
    p._source AS data_source -- name of the source
FROM practitioner AS p
LEFT JOIN place AS r ON r._source = p._source AND r.practitioner_id = p.id
LEFT JOIN organization AS o ON o._source = r._source AND o.id = r.organization_id
