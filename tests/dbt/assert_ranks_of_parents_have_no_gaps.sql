{#-
    Among the candidates of a model each rank is given once, from 1 on, in both answers. Top-1, top-5 and reciprocal
    ranks rely on it. When it fails, a candidate was doubled by a join in int_lineage_candidates_scored.
-#}
with

candidates as (
    select * from {{ ref('mart_lineage_candidates') }}
),

ranks as (
    select
        study_id,
        derived_model_id,
        count(*) as n_candidates,
        count(distinct rank) as n_ranks,
        count(distinct combined_rank) as n_combined_ranks,
        max(rank) as last_rank,
        max(combined_rank) as last_combined_rank
    from candidates
    group by study_id, derived_model_id
),

broken as (
    select * from ranks
    where
        n_candidates != n_ranks
        or n_candidates != n_combined_ranks
        or n_candidates != last_rank
        or n_candidates != last_combined_rank
)

select * from broken
