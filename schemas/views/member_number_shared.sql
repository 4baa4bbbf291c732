-- Numbers that several patients of a source have: they may be one person, or a number may be wrong. Member ids of claims and eligibility are such numbers, see "Members".
SELECT
    _source AS _source, -- Name of the source
    kind AS kind, -- member_number, unique_member_id, medicare_number or bene_id
    number AS number, -- The number
    count(*) AS patients, -- How many patients have it
    {{joinSorted "id"}} AS patient_ids -- Their ids
FROM (
    {{- range $n, $kind := list "member_number" "unique_member_id" "medicare_number" "bene_id"}}{{if $n}}
    UNION ALL{{end}}
    SELECT p._source AS _source, '{{$kind}}' AS kind, p.{{$kind}} AS number, p.id AS id FROM patient AS p WHERE p.{{$kind}} IS NOT NULL
    {{- end}}
) AS numbers
GROUP BY _source, kind, number
HAVING count(*) > 1
