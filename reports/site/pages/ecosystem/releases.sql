-- When models were made, in one row; the last year ends with the last month in which any was made.
with

months as (
    select
        created_in_month,
        cast(sum(n_models) as bigint) as n_models
    from marts.mart_monthly_releases
    where n_models > 0
    group by created_in_month
),

ends as (
    select max(created_in_month) as last_month
    from months
)

select
    cast(coalesce(sum(months.n_models), 0) as bigint) as n_dated,
    min(months.created_in_month) as first_month,
    max(months.created_in_month) as last_month,
    first(months.created_in_month order by months.n_models desc, months.created_in_month) as busiest_month,
    max(months.n_models) as n_in_busiest_month,
    coalesce(sum(months.n_models) filter (where months.created_in_month > ends.last_month - interval 12 month), 0)
        as n_in_last_year,
    coalesce(
        sum(months.n_models) filter (
            where
            months.created_in_month <= ends.last_month - interval 12 month
            and months.created_in_month > ends.last_month - interval 24 month
        ),
        0
    ) as n_in_year_before,
    (select cast(coalesce(sum(n_floored), 0) as bigint) from marts.mart_monthly_releases) as n_floored
from months
cross join ends
order by n_dated
