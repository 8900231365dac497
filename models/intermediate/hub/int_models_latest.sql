{{ config(
    materialized=incremental_or_table(),
    unique_key='model_hash',
    incremental_strategy='delete+insert',
    on_schema_change='fail',
    tags=['daily']
) }}

with

models as (
    select * from {{ ref('stg_hub__models') }}
    {% if is_incremental() %}
        where run_finished_at > {{ last_run_held() }}
    {% endif %}
),

observations as (
    select
        model_hash,
        run_source,
        observed_at,
        run_id
    from {{ ref('stg_hub__models') }}
    {% if is_incremental() %}
        where run_finished_at > {{ last_run_held() }}
        union all
        select
            held.model_hash,
            held.run_source,
            held.observed_at,
            held.run_id
        from {{ this }} as held
        where held.model_hash in (select models.model_hash from models)
    {% endif %}
),

observed_again as (
    {{ keys_of_several('observations', ['model_hash']) }}
),

newest as (
    select
        observations.model_hash,
        max(
            {{ metadata_recency('observations.run_source', 'observations.observed_at', 'observations.run_id') }}
        ) as recency
    from observations
    inner join observed_again
        on observations.model_hash = observed_again.model_hash
    group by observations.model_hash
),

latest as (
    select
        models.model_hash,
        models.model_id,
        models.created_at,
        models.gated,
        {{ list_starting_with('models.tags', 'base_model:') }} as parent_tags,
        substr({{ list_first(list_starting_with('models.tags', 'license:')) }}, length('license:') + 1) as license,
        models.base_models,
        -- Looking for the key as text first spares most cards the parser.
        case
            when cast(models.card_data as string) like '%"base_model"%'
                then {{ json_text_list('models.card_data', 'base_model') }}
        end as card_parents,
        case
            when cast(models.card_data as string) like '%"base_model_relation"%'
                then {{ json_text('models.card_data', 'base_model_relation') }}
        end as card_relation,
        case when models.run_source = 'import' then {{ json_text('models.card_data', 'declared_type') }} end
            as stated_type,
        models.architecture,
        models.run_id,
        models.run_source,
        models.run_finished_at,
        models.observed_at
    from models
    left join newest
        on models.model_hash = newest.model_hash
    where
        newest.model_hash is null
        or {{ metadata_recency('models.run_source', 'models.observed_at', 'models.run_id') }} = newest.recency
)

select * from latest
