-- How soon others build on a base model, by relation, the soonest first.
select
    relation,
    n_bases,
    n_children,
    median_first_lag_days,
    mean_first_lag_days,
    share_within_week,
    median_lifespan_days
from marts.mart_release_dynamics
order by median_first_lag_days, relation
