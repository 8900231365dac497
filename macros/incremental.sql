{#-
    Tables that grow: a build reads only the runs that ended since the table was built last. Rows keep the end of
    their run in `run_finished_at`; runs end one after the other, as one program at a time can write.
-#}

{#- Spark's plain tables cannot be changed row by row: there such a model is built anew. -#}
{% macro incremental_or_table() -%}
    {{ return('incremental' if target.type == 'duckdb' else 'table') }}
{%- endmacro %}

{#- When the last run ended whose rows the table of this model holds. -#}
{% macro last_run_held() -%}
    (select coalesce(max(held.run_finished_at), cast('1970-01-01' as timestamp)) from {{ this }} as held)
{%- endmacro %}

{#-
    A text that is greatest for the newest observation; one of an imported list is older than any of the Hub's. A blank
    ends the time, so that 12:00:00.5 is before 12:00:00.51. modelkin/observations.py holds the same order in Python.
-#}
{% macro recency(run_source, observed_at, run_id) -%}
    concat(case when {{ run_source }} = 'import' then '0 ' else '1 ' end, cast({{ observed_at }} as string), ' ', {{ run_id }})
{%- endmacro %}
