{#-
    The ranges of a scheme begin at 0, each where the one before ends, and end at 1. The shares of
    mart_overlap_distribution sum to 1 because of it. When it fails, mend the bounds in the seed overlap_ranges.
-#}
with

overlap_ranges as (
    select * from {{ ref('overlap_ranges') }}
),

neighbours as (
    select
        scheme,
        range_order,
        lower_bound,
        upper_bound,
        coalesce(lag(upper_bound) over (partition by scheme order by range_order), 0) as previous_end,
        lead(lower_bound) over (partition by scheme order by range_order) as next_begin
    from overlap_ranges
),

broken as (
    select * from neighbours
    where
        lower_bound >= upper_bound
        or lower_bound != previous_end
        or (next_begin is null and upper_bound != 1)
)

select * from broken
