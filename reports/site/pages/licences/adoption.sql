-- How base models fare by family of licences, the most downloaded typical model first.
select
    license_family,
    n_base_models,
    exp(mean_log_downloads) - 1 as geometric_mean_downloads,
    median_downloads,
    median_likes,
    mean_children,
    share_with_children,
    sum(n_base_models) over () as n_all_base_models,
    (
        select count(downloads)
        from marts.dim_models
        where
            is_observed
            and model_type = 'base'
    ) as n_with_downloads
from marts.mart_license_adoption
order by mean_log_downloads desc nulls last, license_family
