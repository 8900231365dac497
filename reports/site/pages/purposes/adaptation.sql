-- How often a child keeps its parent's language, over edges whose ends both name one; one row.
with

edges as (
    select
        coalesce(sum(n_edges), 0) as n_known,
        coalesce(sum(n_edges) filter (where adaptation = 'kept'), 0) as n_kept,
        coalesce(sum(n_edges) filter (where adaptation = 'narrowed'), 0) as n_narrowed,
        coalesce(sum(n_edges) filter (where adaptation = 'widened'), 0) as n_widened,
        coalesce(sum(n_edges) filter (where adaptation = 'switched'), 0) as n_switched
    from marts.mart_cross_lingual_adaptation
)

select
    cast(n_known as bigint) as n_known,
    n_kept / nullif(n_known, 0) as share_kept,
    n_narrowed / nullif(n_known, 0) as share_narrowed,
    n_widened / nullif(n_known, 0) as share_widened,
    n_switched / nullif(n_known, 0) as share_switched
from edges
order by n_known
