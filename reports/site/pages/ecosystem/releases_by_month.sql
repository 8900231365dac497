-- Models made in each of the last 60 months, by type.
with

ends as (
    select max(created_in_month) as last_month
    from marts.mart_monthly_releases
)

select
    releases.created_in_month,
    releases.model_type,
    releases.n_models
from marts.mart_monthly_releases as releases
cross join ends
where
    releases.n_models > 0
    and releases.created_in_month > ends.last_month - interval 60 month
order by releases.created_in_month, releases.model_type
