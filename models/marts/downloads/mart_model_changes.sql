{{ config(tags=['daily']) }}
{%- set texts = ['model_key', 'license', 'parents', 'declared_types', 'gated', 'known', 'run_id'] %}
{#- What each property is read from; versions of earlier Modelkins do not say what was known. -#}
{%- set properties = {'license': 'tags', 'parents': 'tags', 'declared_types': 'tags', 'gated': 'gated'} %}

with

-- Read twice: put together once for both, all versions would be copied before the few that changed are looked for.
versions as (
    {{ snapshot_so_far('model_meanings', texts) }}
),

versions_again as (
    {{ snapshot_so_far('model_meanings', texts) }}
),

-- A version that ended at the moment it began was corrected by a later extraction of the same time, and never held.
versions_ended as (
    select * from versions
    where dbt_valid_to > dbt_valid_from
),

versions_begun as (
    select * from versions_again
    where
        dbt_valid_to is null
        or dbt_valid_to > dbt_valid_from
),

models as (
    select * from {{ ref('int_models_latest') }}
),

-- What a model means holds until the moment from which it means something else.
changed as (
    select
        models.model_id,
        after_change.dbt_valid_from as changed_at,
        before_change.license as license_before,
        after_change.license,
        before_change.parents as parents_before,
        after_change.parents,
        before_change.declared_types as declared_types_before,
        after_change.declared_types,
        before_change.gated as gated_before,
        after_change.gated,
        before_change.known as known_before,
        after_change.known,
        after_change.run_id
    from versions_ended as before_change
    inner join versions_begun as after_change
        on
            before_change.model_key = after_change.model_key
            and before_change.dbt_valid_to = after_change.dbt_valid_from
    inner join models
        on {{ model_hash('before_change.model_key') }} = models.model_hash
),

{% for property, source in properties.items() %}
    {{ property }}_changes as (
        select
            model_id,
            changed_at,
            '{{ property }}' as property,
            {{ property }}_before as value_before,
            {{ property }} as value_after,
            run_id
        from changed
        where
            coalesce({{ property }}, '') != coalesce({{ property }}_before, '')
            and coalesce(known, '{{ source }}') like '%{{ source }}%'
            and coalesce(known_before, '{{ source }}') like '%{{ source }}%'
    ),

{% endfor %}
final as (
    select * from license_changes
    union all
    select * from parents_changes
    union all
    select * from declared_types_changes
    union all
    select * from gated_changes
)

select * from final
