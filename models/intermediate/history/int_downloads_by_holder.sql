{{ config(materialized='view') }}

with

observations as (
    select
        model_hash,
        observed_on,
        cast(downloads as double) as downloads
    from {{ ref('int_observations_daily') }}
    where downloads is not null
),

known as (
    select * from {{ ref('int_models_known') }}
),

summarized as (
    select * from {{ ref('int_models_summarized') }}
),

roots as (
    select * from {{ ref('int_model_roots_weighted') }}
),

vendors as (
    select * from {{ ref('vendors') }}
),

described as (
    select
        known.model_hash,
        case when known.model_id like '%/%' then split_part(known.model_id, '/', 1) end as author,
        vendors.country,
        {{ stated_license('summarized.license', 'summarized.is_license_known') }} as license,
        summarized.model_type
    from known
    inner join summarized
        on known.model_hash = summarized.model_hash
    left join vendors
        on lower(split_part(known.model_id, '/', 1)) = lower(vendors.author)
),

shares as (
    select
        model_hash,
        root_hash,
        weight
    from roots
    union all
    select
        model_hash,
        model_hash as root_hash,
        1 as weight
    from summarized
    where inherited_root_hash is null
),

of_families as (
    select
        'family' as scope,
        known.model_id as holder,
        observations.observed_on,
        count(*) as n_models,
        {{ exact_sum('observations.downloads * shares.weight') }} as downloads
    from observations
    inner join shares
        on observations.model_hash = shares.model_hash
    inner join known
        on shares.root_hash = known.model_hash
    group by known.model_id, observations.observed_on
),

{% for column in ['author', 'country', 'license', 'model_type'] %}
    {%- set scope = column | replace('model_', '') %}
    of_{{ scope }} as (
        select
            '{{ scope }}' as scope,
            described.{{ column }} as holder,
            observations.observed_on,
            count(*) as n_models,
            {{ exact_sum('observations.downloads', 0) }} as downloads
        from observations
        inner join described
            on observations.model_hash = described.model_hash
        where described.{{ column }} is not null
        group by described.{{ column }}, observations.observed_on
    ),

{% endfor %}
united as (
    select * from of_families
    union all
    select * from of_author
    union all
    select * from of_country
    union all
    select * from of_license
    union all
    select * from of_type
)

select * from united
