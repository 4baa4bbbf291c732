{{- /* The lines of claims, those that the payer added too, with what they and their details say of each kind of amount. */ -}}
{{- define "lines" -}}
SELECT
        i._source AS _source, i.explanation_of_benefit_id AS explanation_of_benefit_id, i.path AS path, i.position AS position, i.sequence AS sequence,
        0 AS is_added, {{totalLine}} AS is_total, {{template "line columns"}}
        {{- range amounts}},
        {{.Line}} AS {{.Kind}}_own, d.{{.Kind}} AS {{.Kind}}_detail{{end}}
    FROM explanation_of_benefit_item AS i
    LEFT JOIN (
        {{template "details" "explanation_of_benefit_item"}}
    ) AS d ON d._source = i._source AND d.explanation_of_benefit_id = i.explanation_of_benefit_id AND d.line = i.path
    WHERE i.level = 1
    UNION ALL
    SELECT
        i._source AS _source, i.explanation_of_benefit_id AS explanation_of_benefit_id, concat('added.', i.path) AS path, i.position AS position, {{null "int"}} AS sequence,
        1 AS is_added, {{totalLine}} AS is_total, {{template "line columns"}}
        {{- range amounts}},
        {{.Line}} AS {{.Kind}}_own, d.{{.Kind}} AS {{.Kind}}_detail{{end}}
    FROM explanation_of_benefit_add_item AS i
    LEFT JOIN (
        {{template "details" "explanation_of_benefit_add_item"}}
    ) AS d ON d._source = i._source AND d.explanation_of_benefit_id = i.explanation_of_benefit_id AND d.line = i.path
    WHERE i.level = 1
{{- end -}}

{{- define "line columns" -}}
i.serviced_start AS serviced_start, i.serviced_end AS serviced_end, i.revenue_code AS revenue_code, i.hcpcs_code AS hcpcs_code, i.cdt_code AS cdt_code, i.ndc_code AS ndc_code,
        i.product_or_service_code AS product_or_service_code, i.modifier_1 AS modifier_1, i.modifier_2 AS modifier_2, i.modifier_3 AS modifier_3,
        i.modifier_4 AS modifier_4, i.modifier_5 AS modifier_5, i.place_of_service_code AS place_of_service_code, i.quantity_value AS quantity_value,
        i.currency AS currency, i.benefit_payment_status AS benefit_payment_status
{{- end -}}

{{- /* What the details of each line say together. A detail says what its sub-details do where it says nothing itself. */ -}}
{{- define "details" -}}
SELECT
            _source, explanation_of_benefit_id, {{topPath "detail"}} AS line
            {{- range amounts}},
            sum({{ownElse .Kind (print .Kind "_sub")}}) AS {{.Kind}}{{end}}
        FROM (
            SELECT
                i._source AS _source, i.explanation_of_benefit_id AS explanation_of_benefit_id, CASE WHEN i.level = 3 THEN {{parentPath "i.path"}} ELSE i.path END AS detail
                {{- range amounts}},
                sum(CASE WHEN i.level = 2 THEN {{.Line}} END) AS {{.Kind}}, sum(CASE WHEN i.level = 3 THEN {{.Line}} END) AS {{.Kind}}_sub{{end}}
            FROM {{.}} AS i
            WHERE i.level > 1
            GROUP BY i._source, i.explanation_of_benefit_id, CASE WHEN i.level = 3 THEN {{parentPath "i.path"}} ELSE i.path END
        ) AS s
        GROUP BY _source, explanation_of_benefit_id, {{topPath "detail"}}
{{- end -}}
