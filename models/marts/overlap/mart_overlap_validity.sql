with

pairs as (
    select * from {{ ref('fct_overlaps') }}
    where is_counted
),

grouped as (
    select
        study_id,
        family_label,
        relation,
        coalesce(invalid_reason, 'valid') as invalid_reason,
        is_valid,
        count(*) as n_pairs
    from pairs
    group by study_id, family_label, relation, coalesce(invalid_reason, 'valid'), is_valid
),

final as (
    select
        study_id,
        family_label,
        relation,
        invalid_reason,
        is_valid,
        n_pairs,
        cast(n_pairs as double)
        / sum(n_pairs) over (partition by study_id, family_label, relation) as share
    from grouped
)

select * from final
