{# Whether a table of the lake has files: to read a folder without any is an error. #}
{% macro has_files(table) %}
    {% set files = (var('lake') ~ '/current/' ~ table ~ '/*.parquet') | replace("'", "''") %}
    {{ return(execute and run_query("select count(*) from glob('" ~ files ~ "')").columns[0].values()[0] > 0) }}
{% endmacro %}
