{{ config(
    materialized=incremental_or_table(),
    unique_key='model_hash',
    incremental_strategy='delete+insert',
    on_schema_change='fail',
    tags=['daily'],
    meta={'columns_added': ['tags_from', 'siblings_from']}
) }}

with

models as (
    select * from {{ ref('stg_hub__models') }}
    {% if is_incremental() %}
        where run_finished_at > {{ last_run_held() }}
    {% endif %}
),

-- `<column>_from` is the observation that a column is taken from: empty where none carried it.
observations as (
    select
        model_hash,
        model_id,
        created_at,
        gated,
        {{ list_starting_with('tags', 'base_model:') }} as parent_tags,
        {{ sorted_list_text(list_distinct(list_without_prefix('tags', 'license:'))) }} as license,
        base_models,
        -- Looking for the key as text first spares most cards the parser.
        case
            when cast(card_data as string) like '%"base_model"%' then {{ json_text_list('card_data', 'base_model') }}
        end as card_parents,
        case
            when cast(card_data as string) like '%"base_model_relation"%'
                then {{ json_text('card_data', 'base_model_relation') }}
        end as card_relation,
        case when run_source = 'import' then {{ json_text('card_data', 'declared_type') }} end as stated_type,
        architecture,
        {{ each_state_column("case when has_@ then null else '' end as @_from") }},
        run_id,
        run_source,
        run_finished_at,
        observed_at
    from models
    {% if is_incremental() %}
        union all
        select
            held.model_hash,
            held.model_id,
            {{ each_state_value("held.@value") }},
            {{ each_state_column("held.@_from") }},
            held.run_id,
            held.run_source,
            held.run_finished_at,
            held.observed_at
        from {{ this }} as held
        where held.model_hash in (select models.model_hash from models)
    {% endif %}
),

observed_again as (
    {{ keys_of_several('observations', ['model_hash']) }}
),

several as (
    select
        observations.*,
        {{ metadata_recency('observations.run_source', 'observations.observed_at', 'observations.run_id') }} as recency
    from observations
    inner join observed_again
        on observations.model_hash = observed_again.model_hash
),

newest as (
    select
        model_hash,
        max(recency) as recency
    from several
    group by model_hash
),

-- Only where the newest observation lacks a column, the one that has it is looked for.
lacking as (
    select several.model_hash
    from several
    inner join newest
        on
            several.model_hash = newest.model_hash
            and several.recency = newest.recency
    where
        {{ each_state_column("several.@_from is not null", joined_by="\n        or ") }}
),

found as (
    select
        several.model_hash,
        {{ each_state_column("max(coalesce(several.@_from, several.recency)) as @_from") }}
    from several
    inner join lacking
        on several.model_hash = lacking.model_hash
    group by several.model_hash
),

filled as (
    select
        found.model_hash,
        {{ each_state_value(
            "max(case when coalesce(several.@column_from, several.recency) = found.@column_from then several.@value end)"
            ~ " as @value"
        ) }},
        {{ each_state_column("max(nullif(found.@_from, newest.recency)) as @_from") }}
    from several
    inner join found
        on several.model_hash = found.model_hash
    inner join newest
        on several.model_hash = newest.model_hash
    group by found.model_hash
),

latest as (
    select
        observations.model_hash,
        observations.model_id,
        {{ each_state_value(
            "case when filled.model_hash is null then observations.@value else filled.@value end as @value"
        ) }},
        {{ each_state_column(
            "case when filled.model_hash is null then observations.@_from else filled.@_from end as @_from"
        ) }},
        observations.run_id,
        observations.run_source,
        observations.run_finished_at,
        observations.observed_at
    from observations
    left join newest
        on observations.model_hash = newest.model_hash
    left join filled
        on observations.model_hash = filled.model_hash
    where
        newest.model_hash is null
        or {{ metadata_recency('observations.run_source', 'observations.observed_at', 'observations.run_id') }}
        = newest.recency
)

select * from latest
