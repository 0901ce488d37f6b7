{% macro record(event, detail) %}
insert into {{ target.schema }}.audit values ('{{ event }}', '{{ detail }}')
{% endmacro %}

{% macro record_results(results) %}
    {% if execute %}
    {% for result in results | sort(attribute='node.unique_id') %}
        {% do run_query("insert into " ~ target.schema ~ ".audit values ('" ~ result.status ~ "', '" ~ result.node.unique_id ~ " " ~ (result.failures or 0) ~ "')") %}
        {{ log("result " ~ result.node.name ~ ": " ~ result.status, info=true) }}
    {% endfor %}
    {% endif %}
    select 1
{% endmacro %}

{% macro count_rows(relation_name, times=1) %}
    {% set found = run_query("select count(*) as n from " ~ relation_name) %}
    {% for i in range(times) %}{% do log("rows of " ~ relation_name ~ ": " ~ found.columns['n'].values()[0], info=True) %}{% endfor %}
    {% do print("printed " ~ found.rows[0][0]) %}
{% endmacro %}
