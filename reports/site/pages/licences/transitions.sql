-- What becomes of a licence from parent to child, over edges whose ends both state one; one row.
with

edges as (
    select
        sum(n_edges) as n_edges,
        coalesce(sum(n_edges) filter (where 'unknown' in (parent_license, child_license)), 0) as n_unsaid,
        coalesce(
            sum(n_edges) filter (
                where transition not in ('dropped', 'added', 'none stated')
                and 'unknown' not in (parent_license, child_license)
            ), 0
        ) as n_known,
        coalesce(sum(n_edges) filter (where transition = 'kept'), 0) as n_kept,
        coalesce(sum(n_edges) filter (where transition = 'tightened'), 0) as n_tightened,
        coalesce(sum(n_edges) filter (where transition = 'relaxed'), 0) as n_relaxed,
        coalesce(sum(n_edges) filter (where transition = 'switched'), 0) as n_switched,
        coalesce(sum(n_edges) filter (where transition = 'dropped'), 0) as n_dropped,
        coalesce(sum(n_edges) filter (where transition = 'added'), 0) as n_added
    from marts.mart_license_transitions
)

select
    cast(coalesce(n_edges, 0) as bigint) as n_edges,
    cast(n_known as bigint) as n_known,
    cast(n_edges - n_known - n_unsaid as bigint) as n_unknown,
    cast(n_unsaid as bigint) as n_unsaid,
    n_kept / nullif(n_known, 0) as share_kept,
    n_tightened / nullif(n_known, 0) as share_tightened,
    n_relaxed / nullif(n_known, 0) as share_relaxed,
    n_switched / nullif(n_known, 0) as share_switched,
    (n_known - n_kept - n_tightened - n_relaxed - n_switched) / nullif(n_known, 0) as share_not_comparable,
    cast(n_dropped as bigint) as n_dropped,
    cast(n_added as bigint) as n_added
from edges
order by n_edges
