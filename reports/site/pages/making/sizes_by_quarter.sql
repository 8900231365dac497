-- Quartiles of the number of parameters by quarter of creation; quarters with at least three models of known size.
select
    cast(date_trunc('quarter', created_at) as date) as created_in_quarter,
    count(*) as n_sized,
    quantile_cont(parameter_count, 0.25) as quartile_1,
    quantile_cont(parameter_count, 0.5) as median_params,
    quantile_cont(parameter_count, 0.75) as quartile_3
from marts.dim_models
where
    is_observed
    and parameter_count > 0
    and created_at is not null
    and not is_created_at_floored
group by all
having count(*) >= 3
order by created_in_quarter
