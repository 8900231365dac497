{%- set order = 'first_observed_at asc, last_observed_at asc, model_hash asc, hub_id asc' -%}

with

sightings as (
    select * from {{ ref('int_hub_ids_sighted') }}
),

known as (
    select * from {{ ref('int_models_known') }}
),

-- Nearly every repository keeps its id, so the few that did not are looked for first.
renamed as (
    {{ keys_of_several('sightings', ['hub_id']) }}
),

replaced as (
    {{ keys_of_several('sightings', ['model_hash']) }}
),

steps as (
    select
        'renamed' as event,
        model_hash,
        hub_id,
        lead(model_hash) over (partition by hub_id order by {{ order }}) as next_model_hash,
        hub_id as next_hub_id,
        last_observed_at,
        lead(first_observed_at) over (partition by hub_id order by {{ order }}) as next_observed_at
    from sightings
    where hub_id in (select renamed.hub_id from renamed)
    union all
    select
        'replaced' as event,
        model_hash,
        hub_id,
        model_hash as next_model_hash,
        lead(hub_id) over (partition by model_hash order by {{ order }}) as next_hub_id,
        last_observed_at,
        lead(first_observed_at) over (partition by model_hash order by {{ order }}) as next_observed_at
    from sightings
    where model_hash in (select replaced.model_hash from replaced)
),

final as (
    select
        steps.event,
        models.model_id,
        steps.hub_id,
        next_models.model_id as next_model_id,
        steps.next_hub_id,
        steps.last_observed_at,
        steps.next_observed_at
    from steps
    inner join known as models
        on steps.model_hash = models.model_hash
    inner join known as next_models
        on steps.next_model_hash = next_models.model_hash
    where steps.next_observed_at is not null
)

select * from final
