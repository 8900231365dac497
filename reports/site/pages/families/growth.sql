-- Models of the largest families by the quarter in which they were created.
with

largest as (
    select family_id
    from marts.dim_families
    where n_models > 1
    order by n_models desc, downloads_weighted desc nulls last, family_id
    limit 30
)

select
    models.primary_root_id as family_id,
    cast(date_trunc('quarter', models.created_at) as date) as created_in_quarter,
    count(*) as n_models
from marts.dim_models as models
inner join largest on models.primary_root_id = largest.family_id
where models.created_at is not null
group by models.primary_root_id, date_trunc('quarter', models.created_at)
order by family_id, created_in_quarter
