{%- set are_alike = are_one_size('one.params', 'other.params', 'one.max_params', 'other.max_params') -%}

with

witnesses as (
    select * from {{ ref('int_size_witnesses') }}
),

sizes as (
    select * from {{ ref('int_model_sizes') }}
),

known as (
    select * from {{ ref('int_models_known') }}
),

disputed as (
    select * from sizes
    where is_disputed
),

compared as (
    select
        one.model_hash,
        one.source,
        one.params,
        sum(case when {{ are_alike }} then 1 else 0 end) as n_for,
        sum(case when {{ are_alike }} then 0 else 1 end) as n_against
    from witnesses as one
    inner join witnesses as other
        on
            one.model_hash = other.model_hash
            and one.place != other.place
    where one.model_hash in (select disputed.model_hash from disputed)
    group by one.model_hash, one.source, one.params
),

final as (
    select
        known.model_id,
        compared.source,
        cast(round(compared.params) as bigint) as params,
        cast(compared.n_for as bigint) as n_for,
        cast(compared.n_against as bigint) as n_against,
        disputed.parameter_count,
        coalesce(disputed.taken_from, 'none') as taken_from
    from compared
    inner join disputed
        on compared.model_hash = disputed.model_hash
    inner join known
        on compared.model_hash = known.model_hash
)

select * from final
