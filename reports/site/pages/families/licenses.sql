-- The licences that models of the largest families state, the eight commonest of each.
with

largest as (
    select family_id
    from marts.dim_families
    where n_models > 1
    order by n_models desc, downloads_weighted desc nulls last, family_id
    limit 30
),

counted as (
    select
        models.primary_root_id as family_id,
        case when models.license is not null then models.license when models.is_license_known then 'none stated' else 'unknown' end
            as license,
        count(*) as n_models
    from marts.dim_models as models
    inner join largest on models.primary_root_id = largest.family_id
    group by all
)

select
    *,
    n_models / sum(n_models) over (partition by family_id) as share
from counted
qualify row_number() over (partition by family_id order by n_models desc, license) <= 8
order by family_id, n_models desc, license
