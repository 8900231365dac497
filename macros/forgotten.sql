{#-
    What to do after `modelkin extract forget`: tables that grow still hold the rows of the run or study that was taken
    out, so one build must make them whole.
-#}

{#-
    Stop with one sentence where something was forgotten since the last build and this one leaves a table that grows as
    it is: it is no full refresh, or one of some tables only. After it the last build would seem to be later.
-#}
{% macro require_nothing_forgotten() -%}
    {%- if execute and flags.WHICH in ('run', 'build', 'snapshot') -%}
        {%- set builds = adapter.get_relation(target.database, 'marts', 'fct_builds') -%}
        {%- if builds and modelkin.growing_tables_kept() -%}
            {%- set forgotten -%}
                select 1 from {{ source('raw', 'extract_runs') }} as runs
                where
                    runs.source = 'forget'
                    and runs.status = 'complete'
                    and runs.finished_at > (select max(builds.built_at) from {{ builds }} as builds)
                limit 1
            {%- endset -%}
            {%- if run_query(forgotten).rows | length -%}
                {{ exceptions.raise_compiler_error(
                    "A run or a study was forgotten since the warehouse " ~ env_var('MODELKIN_DB', 'data/modelkin.duckdb')
                    ~ " was built last. Run `modelkin build -- --full-refresh` (or `dbt build --full-refresh`) once, for"
                    ~ " all models."
                ) }}
            {%- endif -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#- Whether the warehouse has a table that grows which this build does not make anew. -#}
{% macro growing_tables_kept() -%}
    {%- set kept = [] -%}
    {%- for node in graph.nodes.values() | selectattr('config.materialized', 'equalto', 'incremental')
        if not (flags.FULL_REFRESH and node.unique_id in selected_resources)
        and adapter.get_relation(node.database, node.schema, node.alias) -%}
        {%- do kept.append(node.unique_id) -%}
    {%- endfor -%}
    {{ return(kept | length > 0) }}
{%- endmacro %}

{#-
    Take forgotten runs out of the history of meanings, which no full refresh makes anew. A version that a later run saw
    too begins with that run; one that no other run saw goes, and the version before it lasts until the next.
-#}
{% macro forget_meanings() -%}
    {{ return(adapter.dispatch('forget_meanings', 'modelkin')()) }}
{%- endmacro %}

{#- Snapshots are changed row by row, which plain tables of Spark cannot be. -#}
{% macro default__forget_meanings() -%}
{%- endmacro %}

{% macro duckdb__forget_meanings() -%}
    {%- set meanings = adapter.get_relation(target.database, 'snapshots', 'model_meanings') if execute else none -%}
    {%- if meanings and flags.WHICH in ('run', 'build', 'snapshot') %}
        {%- set forgotten -%}
            select run_id from {{ source('raw', 'extract_runs') }} where status = 'forgotten'
        {%- endset %}
        {%- if run_query('select 1 from ' ~ meanings ~ ' where run_id in (' ~ forgotten ~ ') limit 1').rows | length %}
            update {{ meanings }} as held
            set run_id = seen.run_id, observed_at = seen.observed_at, dbt_valid_from = seen.observed_at
            from (
                select
                    versions.dbt_scd_id,
                    min(models.observed_at) as observed_at,
                    min_by(models.run_id, models.observed_at) as run_id
                from {{ meanings }} as versions
                inner join {{ source('raw', 'hub_models') }} as models
                    on
                        versions.model_key = lower(models.model_id)
                        and versions.dbt_valid_from <= models.observed_at
                        and (versions.dbt_valid_to is null or versions.dbt_valid_to > models.observed_at)
                inner join {{ source('raw', 'extract_runs') }} as runs
                    on models.run_id = runs.run_id
                where
                    versions.run_id in ({{ forgotten }})
                    and runs.status = 'complete'
                    and runs.source != 'import'
                group by versions.dbt_scd_id
            ) as seen
            where held.dbt_scd_id = seen.dbt_scd_id;
            delete from {{ meanings }} where run_id in ({{ forgotten }});
            update {{ meanings }} as held
            set dbt_valid_to = following.dbt_valid_from
            from (
                select
                    dbt_scd_id,
                    lead(dbt_valid_from) over (partition by model_key order by dbt_valid_from) as dbt_valid_from
                from {{ meanings }}
            ) as following
            where held.dbt_scd_id = following.dbt_scd_id;
            {#- dbt rolls back what a hook at the start leaves open. -#}
            commit; begin;
        {%- endif %}
    {%- endif %}
{%- endmacro %}
