-- The Tuva Project's input layer: one row per medical coverage with a period, but those that are cancelled and do not say when they ended, and per drug coverage without a medical one of its payer. See docs/tuva.md.
WITH coverages AS (
    {{template "coverages"}}
),
covered AS (
    {{template "covered"}}
),
enrolled AS (
    {{template "enrolled"}}
)
SELECT
    c.patient_id AS person_id, -- Coverage.beneficiary
    coalesce({{memberID}}, c.patient_id) AS member_id, -- the Patient's member number, else unique member id, Medicare number, CMS beneficiary id, id: the same as in claims
    coalesce(c.subscriber_id, c.subscriber_number, c.subscriber_party_id) AS subscriber_id, -- subscriberId, else the subscriber
    {{gender}} AS gender, -- Patient.gender: male, female or unknown
    {{race}} AS race, -- US Core race, else CMS race, in Tuva's words; unknown where there is none
    p.birth_date AS birth_date, -- Patient.birthDate
    p.deceased_date AS death_date, -- Patient.deceasedDateTime
    CASE WHEN p.deceased_date IS NOT NULL OR p.deceased_boolean THEN 1 ELSE 0 END AS death_flag, -- 1 where Patient.deceased says so
    c.period_start AS enrollment_start_date, -- Coverage.period.start
    m.last_day AS enrollment_end_date, -- Coverage.period.end, at the latest the end of the present month
    m.payer AS payer, -- payor: name, else identifier, else id
    m.payer_type AS payer_type, -- medicare, medicaid, self-insured or commercial, by Coverage.type, CMS's status or the group
    m.{{quote "plan"}} AS {{quote "plan"}}, -- class of type plan, else subplan, group, the type, the payer; the parts of Medicare are one plan, Medicare
    c.original_reason_entitlement_code AS original_reason_entitlement_code, -- CMS extension
    c.dual_status_code AS dual_status_code, -- CMS extension
    c.medicare_status_code AS medicare_status_code, -- CMS extension
    {{null "text"}} AS enrollment_status, -- null: Tuva means CMS's status of a risk adjusted member (New, Continuing, ESRD, Institutional), which FHIR coverages do not carry
    {{null "int"}} AS hospice_flag, -- null: FHIR coverages do not carry it
    {{null "int"}} AS institutional_snp_flag, -- null: FHIR coverages do not carry it
    {{null "int"}} AS long_term_institutional_flag, -- null: FHIR coverages do not carry it
    c.class_group_value AS group_id, -- class of type group
    c.class_group_name AS group_name, -- class of type group: its name
    p.name_suffix AS name_suffix, -- Patient.name
    p.first_name AS first_name, -- Patient.name
    p.middle_name AS middle_name, -- Patient.name
    p.family_name AS last_name, -- Patient.name
    p.social_security_number AS social_security_number, -- Patient.identifier
    c.relationship_code AS subscriber_relation, -- Coverage.relationship
    p.address_line AS address, -- Patient.address
    p.address_city AS city, -- Patient.address
    p.address_state AS state, -- Patient.address
    p.address_postal_code AS zip_code, -- Patient.address
    p.phone AS phone, -- Patient.telecom
    p.email AS email, -- Patient.telecom
    coalesce(p.ethnicity_display, p.ethnicity_text) AS ethnicity, -- US Core ethnicity
    c._source AS data_source, -- name of the source
    c._file_id AS file_name, -- file of the run that the coverage was read from
    {{date "c._retrieved_at"}} AS file_date, -- day on which that file was requested
    c._retrieved_at AS ingest_datetime -- when that file was requested
FROM enrolled AS m
JOIN coverage AS c ON c._source = m._source AND c.id = m.id
LEFT JOIN patient AS p ON p._source = c._source AND p.id = c.patient_id
