-- The Tuva Project's input layer: one row per location. See docs/tuva.md.
SELECT
    l.id AS location_id, -- Location.id
    coalesce(l.npi, o.npi) AS npi, -- Location.identifier, else that of the organization that runs it
    l.name AS name, -- Location.name
    coalesce(l.type_display, l.type_text) AS facility_type, -- Location.type
    coalesce(l.managing_organization_display, o.name) AS parent_organization, -- Location.managingOrganization
    l.address_line AS address, -- Location.address
    l.address_city AS city, -- Location.address
    l.address_state AS state, -- Location.address
    l.address_postal_code AS zip_code, -- Location.address
    l.latitude AS latitude, -- Location.position
    l.longitude AS longitude, -- Location.position
    l._source AS data_source -- name of the source
FROM location AS l
LEFT JOIN organization AS o ON o._source = l._source AND o.id = l.managing_organization_id
