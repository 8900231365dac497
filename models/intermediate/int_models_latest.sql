{#-
    The newest observation of every model: where it is (model_key and run_id), and what lineage and the history of
    meanings need of it, taken out of cards and tags here. What dim_models shows besides is read where it was observed.
    A run is read once: later builds take only the runs that ended since, and replace the models they observed anew.
-#}
{{ config(
    materialized=incremental_or_table(),
    unique_key='model_key',
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
        model_key,
        run_source,
        observed_at,
        run_id
    from {{ ref('stg_hub__models') }}
    {% if is_incremental() %}
        where run_finished_at > {{ last_run_held() }}
        union all
        select
            held.model_key,
            held.run_source,
            held.observed_at,
            held.run_id
        from {{ this }} as held
        where held.model_key in (select models.model_key from models)
    {% endif %}
),

-- Most models were observed once, and need no comparison.
observed_again as (
    select model_key
    from observations
    group by model_key
    having count(*) > 1
),

-- An imported list knows less of a model than the Hub does, so it counts only where the Hub was not asked.
newest as (
    select
        observations.model_key,
        max({{ recency('observations.run_source', 'observations.observed_at', 'observations.run_id') }}) as recency
    from observations
    inner join observed_again
        on observations.model_key = observed_again.model_key
    group by observations.model_key
),

latest as (
    select
        models.model_key,
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
        on models.model_key = newest.model_key
    where
        newest.model_key is null
        or {{ recency('models.run_source', 'models.observed_at', 'models.run_id') }} = newest.recency
)

select * from latest
