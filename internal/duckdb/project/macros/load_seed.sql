{# Loads the rows of a seed, which the package has only the header of, from where the
   variable claimlake_seeds says. #}
{% macro duckdb__load_seed(uri, pattern, compression, headers, null_marker) %}
    {% set from = var('claimlake_seeds') %}
    {% if from == 'network' %}
        {{ return(the_tuva_project.duckdb__load_seed(uri, pattern, compression, headers, null_marker)) }}
    {% endif %}
    {% if from == 'none' or not execute %}
        {{ return('') }}
    {% endif %}
    {% set file = (from ~ '/' ~ model.name ~ '.csv') | replace("'", "''") %}
    {% set there = run_query("select count(*) from glob('" ~ file ~ "')").columns[0].values()[0] %}
    {% if there %}
        {% do run_query("delete from " ~ this) %}
        {% do run_query("insert into " ~ this ~ " by name select * from read_csv('" ~ file ~ "', header = true, all_varchar = true, nullstr = '')") %}
    {% endif %}
{% endmacro %}
