{#-
    The weights of a model's roots sum to 1, and one of them is its primary root. Sums by family and dim_models
    rely on it. When it fails, an edge in a cycle was not broken, or a root was lost in int_lineage_walks.
-#}
with

roots as (
    select * from {{ ref('int_model_roots_weighted') }}
),

totals as (
    select
        model_hash,
        sum(weight) as total_weight,
        sum(case when is_primary then 1 else 0 end) as n_primary
    from roots
    group by model_hash
),

broken as (
    select * from totals
    where
        abs(total_weight - 1) > 1e-9
        or n_primary != 1
)

select * from broken
