-- What each filter on downloads keeps, and what it does to the separation of same from different.
select
    family_label,
    strategy,
    min_downloads,
    n_pairs,
    n_kept,
    share_kept,
    n_same,
    mean_same,
    stddev_same,
    n_different,
    mean_different,
    hedges_g,
    auc,
    share_same_within_different
from marts.mart_filter_strategies
where
    study_id = $study_id
    and pair_set = 'all'
    and list_contains($families, family_label)
order by family_label, strategy_order
