{#-
    Along a curve, a higher threshold predicts no more pairs same than a lower one, the lowest predicts every pair same,
    and the counts of pairs do not change. Best thresholds and areas rely on it. When it fails, the windows of
    mart_threshold_curve run the wrong way or a curve mixes groups.
-#}
with

curve as (
    select * from {{ ref('mart_threshold_curve') }}
),

neighbours as (
    select
        *,
        lag(tp) over along_the_curve as lower_tp,
        lag(fp) over along_the_curve as lower_fp,
        lag(n_same) over along_the_curve as lower_n_same,
        lag(n_different) over along_the_curve as lower_n_different
    from curve
    window along_the_curve as (
        partition by study_id, family_label, pair_set, filter_name
        order by threshold
    )
),

broken as (
    select * from neighbours
    where
        tp > lower_tp
        or fp > lower_fp
        or n_same != lower_n_same
        or n_different != lower_n_different
        or (lower_tp is null and (tp != n_same or fp != n_different))
)

select * from broken
