{#-
    Tables that grow: a build reads only the runs that ended since the table was built last. Rows keep the end of
    their run in `run_finished_at`; runs end one after the other, as one program at a time can write.
-#}

{#- Spark's plain tables cannot be changed row by row: there such a model is built from scratch. -#}
{% macro incremental_or_table() -%}
    {{ return('incremental' if target.type == 'duckdb' else 'table') }}
{%- endmacro %}

{#- A mart that is a view where that costs no more. On Spark it is a table: its rows come back to the warehouse as files. -#}
{% macro view_or_table() -%}
    {{ return('view' if target.type == 'duckdb' else 'table') }}
{%- endmacro %}

{#- When the last run ended whose rows the table of this model holds. -#}
{% macro last_run_held() -%}
    (select coalesce(max(held.run_finished_at), cast('1970-01-01' as timestamp)) from {{ this }} as held)
{%- endmacro %}

{#-
    Take out of this model's table what it holds of prompt sets that `source` no longer holds: another set took their
    place. An update replaces the pairs that it has rows of, and such a pair may have none on the new prompts.
-#}
{% macro drop_superseded_prompt_sets(source) -%}
    {%- if is_incremental() %}
    delete from {{ this }} as held
    where not exists (
        select 1 from {{ source }} as prompt_sets
        where
            held.study_id = prompt_sets.study_id
            and held.base_key = prompt_sets.base_key
            and held.prompt_set_id = prompt_sets.prompt_set_id
    )
    {%- endif %}
{%- endmacro %}

{#-
    A text that is greatest for the newest of several rows: by the time, and by the run where that is the same. A blank
    ends the time, so that 12:00:00.5 is before 12:00:00.51.
-#}
{% macro recency(observed_at, run_id) -%}
    concat(cast({{ observed_at }} as string), ' ', cast({{ run_id }} as string))
{%- endmacro %}

{#- The newest value of a column in a group that is not null: a list that lacks a counter does not erase one. -#}
{% macro newest(column, observed_at, run_id) -%}
    max_by({{ column }}, {{ modelkin.recency(observed_at, run_id) }}) filter (where {{ column }} is not null)
{%- endmacro %}

{#-
    Recency of metadata: an imported list knows less of a model than the Hub does, so what it says is older than
    anything that the Hub said. modelkin/observations.py holds the same order in Python.
-#}
{% macro metadata_recency(run_source, observed_at, run_id) -%}
    concat(case when {{ run_source }} = 'import' then '0 ' else '1 ' end, {{ modelkin.recency(observed_at, run_id) }})
{%- endmacro %}

{#- A select of the keys that several rows of a CTE have. Most models are observed once, and need no comparison. -#}
{% macro keys_of_several(rows, keys) -%}
    select
        {{ keys | join(',\n        ') }}
    from {{ rows }}
    group by {{ keys | join(', ') }}
    having count(*) > 1
{%- endmacro %}

{#- The text of three CTEs that part `rows`: observed_again (keys), once (rows alone with their key), several (others). -#}
{% macro once_and_several_ctes(rows, keys) -%}
observed_again as (
    {{ modelkin.keys_of_several(rows, keys) }}
),

{% for cte, join in [('once', 'left'), ('several', 'inner')] -%}
{{ cte }} as (
    select {{ rows }}.*
    from {{ rows }}
    {{ join }} join observed_again
        on
            {%- for key in keys %}
            {{ 'and ' if not loop.first }}{{ rows }}.{{ key }} = observed_again.{{ key }}
            {%- endfor %}
    {%- if cte == 'once' %}
    where observed_again.{{ keys[0] }} is null
    {%- endif %}
){{ ',\n\n' if not loop.last }}
{%- endfor %}
{%- endmacro %}
