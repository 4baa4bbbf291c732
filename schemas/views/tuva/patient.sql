-- The Tuva Project's input layer: one row per patient. See docs/tuva.md.
SELECT
    p.id AS person_id, -- Patient.id
    p.id AS patient_id, -- Patient.id
    p.name_suffix AS name_suffix, -- Patient.name
    p.first_name AS first_name, -- Patient.name
    p.middle_name AS middle_name, -- Patient.name
    p.family_name AS last_name, -- Patient.name
    {{gender}} AS sex, -- Patient.gender: male, female or unknown
    {{race}} AS race, -- US Core race, else CMS race, in Tuva's words
    p.birth_date AS birth_date, -- Patient.birthDate
    p.deceased_date AS death_date, -- Patient.deceasedDateTime
    CASE WHEN p.deceased_date IS NOT NULL OR p.deceased_boolean THEN 1 ELSE 0 END AS death_flag, -- 1 where Patient.deceased says so
    p.social_security_number AS social_security_number, -- Patient.identifier
    p.address_line AS address, -- Patient.address
    p.address_city AS city, -- Patient.address
    p.address_state AS state, -- Patient.address
    p.address_postal_code AS zip_code, -- Patient.address
    p.address_district AS county, -- Patient.address
    {{null "text"}} AS latitude, -- null: there is no column for the geolocation extension
    {{null "text"}} AS longitude, -- null: there is no column for the geolocation extension
    p.phone AS phone, -- Patient.telecom
    p.email AS email, -- Patient.telecom
    coalesce(p.ethnicity_display, p.ethnicity_text) AS ethnicity, -- US Core ethnicity
    p._source AS data_source, -- name of the source
    p._file_id AS file_name, -- file of the run that the patient was read from
    p._retrieved_at AS ingest_datetime -- when that file was requested
FROM patient AS p
