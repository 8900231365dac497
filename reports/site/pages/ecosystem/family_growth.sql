-- Members of the six largest families by month of creation, over the last 60 months in which any was made.
with

largest as (
    select
        family_id,
        n_models as n_members
    from marts.dim_families
    where n_models > 1
    order by n_models desc, family_id
    limit 6
),

made as (
    select
        largest.family_id,
        cast(date_trunc('month', models.created_at) as date) as created_in_month,
        count(*) as n_new
    from largest
    inner join marts.bridge_model_roots as roots
        on largest.family_id = roots.root_model_id
    inner join marts.dim_models as models
        on roots.model_id = models.model_id
    where models.created_at is not null
    group by all
),

months as (
    select distinct created_in_month
    from made
),

grown as (
    select
        largest.family_id as family_label,
        largest.n_members,
        months.created_in_month,
        cast(
            sum(coalesce(made.n_new, 0)) over (
                partition by largest.family_id
                order by months.created_in_month
            ) as bigint
        ) as n_so_far,
        dense_rank() over (order by months.created_in_month desc) as months_back
    from largest
    cross join months
    left join made
        on
            largest.family_id = made.family_id
            and months.created_in_month = made.created_in_month
)

select
    family_label,
    created_in_month,
    n_so_far
from grown
where
    months_back <= 60
    and n_so_far > 0
order by n_members desc, family_label, created_in_month
