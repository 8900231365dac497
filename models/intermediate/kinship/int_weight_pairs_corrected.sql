with

comparisons as (
    select * from {{ ref('stg_weights__comparisons') }}
),

latest as (
    select * from {{ ref('int_weight_sketches_latest') }}
),

pairs as (
    select
        comparisons.*,
        latest.model_hash,
        others.model_hash as other_hash,
        case
            when comparisons.p_value is not null
                then row_number() over (
                    partition by comparisons.p_value is null
                    order by comparisons.p_value asc, comparisons.model_key asc, comparisons.other_key asc
                )
        end as p_place,
        count(comparisons.p_value) over () as n_tested
    from comparisons
    inner join latest
        on
            comparisons.model_key = latest.model_key
            and comparisons.run_id = latest.run_id
    inner join latest as others
        on
            comparisons.other_key = others.model_key
            and comparisons.other_run_id = others.run_id
),

corrected as (
    select
        *,
        case
            when p_value is not null
                then least(1.0, max((n_tested - p_place + 1) * p_value) over (
                    order by p_place asc nulls last
                    rows between unbounded preceding and current row
                ))
        end as p_holm,
        case
            when p_value is not null
                then least(1.0, min(p_value * n_tested / p_place) over (
                    order by p_place asc nulls last
                    rows between current row and unbounded following
                ))
        end as p_bh
    from pairs
)

select * from corrected
