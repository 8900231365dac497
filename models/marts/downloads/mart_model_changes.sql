{{ config(tags=['daily']) }}

with

meanings as (
    {{ snapshot_so_far(
        'model_meanings',
        ['model_key', 'license', 'parents', 'declared_types', 'gated', 'run_id']
    ) }}
),

models as (
    select * from {{ ref('int_models_latest') }}
),

changed as (
    select distinct model_key from meanings
    where dbt_valid_to is not null
),

in_turn as (
    select
        models.model_id,
        meanings.dbt_valid_from as changed_at,
        meanings.license,
        meanings.parents,
        meanings.declared_types,
        meanings.gated,
        meanings.run_id,
        row_number() over (partition by meanings.model_key order by meanings.dbt_valid_from) as version,
        lag(meanings.license) over (partition by meanings.model_key order by meanings.dbt_valid_from) as license_before,
        lag(meanings.parents) over (partition by meanings.model_key order by meanings.dbt_valid_from) as parents_before,
        lag(meanings.declared_types) over (partition by meanings.model_key order by meanings.dbt_valid_from)
            as declared_types_before,
        lag(meanings.gated) over (partition by meanings.model_key order by meanings.dbt_valid_from) as gated_before
    from meanings
    inner join changed
        on meanings.model_key = changed.model_key
    inner join models
        on meanings.model_key = models.model_key
),

{% for property in ['license', 'parents', 'declared_types', 'gated'] %}
    {{ property }}_changes as (
        select
            model_id,
            changed_at,
            '{{ property }}' as property,
            {{ property }}_before as value_before,
            {{ property }} as value_after,
            run_id
        from in_turn
        where
            version > 1
            and coalesce({{ property }}, '') != coalesce({{ property }}_before, '')
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
