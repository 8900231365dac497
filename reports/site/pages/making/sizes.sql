-- How large models are, in parameters; one row. First and last year are those of models with a known size and date.
with

sized as (
    select
        model_id,
        parameter_count,
        case when not is_created_at_floored then date_part('year', created_at) end as created_in_year
    from marts.dim_models
    where
        is_observed
        and parameter_count > 0
),

ends as (
    select
        min(created_in_year) as first_year,
        max(created_in_year) as last_year
    from sized
)

select
    count(*) as n_sized,
    quantile_cont(sized.parameter_count, 0.25) as quartile_1,
    quantile_cont(sized.parameter_count, 0.5) as median_params,
    quantile_cont(sized.parameter_count, 0.75) as quartile_3,
    max(sized.parameter_count) as max_params,
    (select model_id from sized order by parameter_count desc, model_id limit 1) as largest_model_id,
    cast(any_value(ends.first_year) as integer) as first_year,
    cast(any_value(ends.last_year) as integer) as last_year,
    median(sized.parameter_count) filter (where sized.created_in_year = ends.first_year) as median_in_first_year,
    median(sized.parameter_count) filter (where sized.created_in_year = ends.last_year) as median_in_last_year,
    count(*) filter (where sized.created_in_year = ends.first_year) as n_in_first_year,
    count(*) filter (where sized.created_in_year = ends.last_year) as n_in_last_year
from sized
cross join ends
order by n_sized
