-- Models made in each of the last 40 quarters: the five commonest architectures, the others together.
with

dated as (
    select *
    from marts.mart_architectures
    where created_in_quarter != date '1970-01-01'
),

common as (
    select
        architecture,
        sum(n_models) as n_models,
        row_number() over (order by sum(n_models) desc, architecture) as place
    from dated
    group by architecture
    order by place
    limit 5
),

ends as (
    select max(created_in_quarter) as last_quarter
    from dated
)

select
    dated.created_in_quarter,
    coalesce(common.architecture, 'others') as architecture,
    coalesce(common.place, 6) as place,
    cast(sum(dated.n_models) as bigint) as n_models
from dated
cross join ends
left join common
    on dated.architecture = common.architecture
where dated.created_in_quarter > ends.last_quarter - interval 120 month
group by all
order by dated.created_in_quarter, place
