with

parents as (
    select * from {{ ref('int_parents_declared') }}
),

edges as (
    select * from {{ ref('int_lineage_edges_united') }}
),

known as (
    select * from {{ ref('int_models_known') }}
),

cycle_edges as (
    select * from {{ ref('int_cycle_edges_judged') }}
),

malformed as (
    select
        'malformed_parent' as issue,
        model_hash,
        parent_id as written_parent
    from parents
    where not is_well_formed
),

self_loops as (
    select
        'self_loop' as issue,
        model_hash,
        min(parent_id) as written_parent
    from parents
    where
        is_well_formed
        and parent_hash = model_hash
    group by model_hash
),

in_cycle as (
    select
        case when broken_because is null then 'edge_in_cycle' else 'edge_left_out_of_cycle' end as issue,
        child_hash as model_hash,
        parent_key as written_parent
    from cycle_edges
),

unobserved as (
    select
        'parent_never_observed' as issue,
        edges.child_hash as model_hash,
        edges.parent_written_id as written_parent
    from edges
    inner join known
        on edges.parent_hash = known.model_hash
    where not known.is_observed
),

other_case as (
    select
        'parent_in_other_case' as issue,
        parents.model_hash,
        parents.parent_id as written_parent
    from parents
    inner join known
        on parents.parent_hash = known.model_hash
    where
        parents.is_well_formed
        and known.is_observed
        and parents.parent_id != known.model_id
),

united as (
    select * from malformed
    union all
    select * from self_loops
    union all
    select * from in_cycle
    union all
    select * from unobserved
    union all
    select * from other_case
),

final as (
    select
        united.issue,
        known.model_id,
        united.written_parent
    from united
    inner join known
        on united.model_hash = known.model_hash
)

select * from final
