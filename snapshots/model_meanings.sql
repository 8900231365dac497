{% snapshot model_meanings %}
    {{ config(
        schema='snapshots',
        unique_key='model_key',
        strategy='check',
        check_cols=['license', 'parents', 'declared_types', 'gated', 'known'],
        updated_at='observed_at',
        tags=['daily']
    ) }}

    {#- A model that was not observed again cannot have changed, so only what came since is compared. -#}
    {%- set held = adapter.get_relation(this.database, this.schema, this.identifier) -%}

    with

    models as (
        select * from {{ ref('int_models_latest') }}
        {% if held is not none %}
            where run_finished_at > {{ last_run_held() }}
        {% endif %}
    ),

    meanings as (
        select
            lower(model_id) as model_key,
            license,
            {{ sorted_list_text('parent_tags') }} as parents,
            {{ types_of_parent_tags('parent_tags') }} as declared_types,
            gated,
            -- What was observed at all: what was not known before and is now has not changed.
            concat(
                case when tags_from is null or tags_from != '' then 'tags ' else '' end,
                case when gated_from is null or gated_from != '' then 'gated' else '' end
            ) as known,
            run_id,
            run_finished_at,
            observed_at
        from models
        -- An imported list does not say all of this, and would seem to change it.
        where run_source != 'import'
    )

    select * from meanings

{% endsnapshot %}
