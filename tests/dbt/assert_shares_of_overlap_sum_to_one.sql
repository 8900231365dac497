{#-
    Ranges share out the valid pairs of a group, and reasons share out all its pairs. Charts of parts rely on it. When
    it fails, a range does not reach its neighbour, or a pair fell into two.
-#}
with

distribution as (
    select * from {{ ref('mart_overlap_distribution') }}
),

validity as (
    select * from {{ ref('mart_overlap_validity') }}
),

totals as (
    select
        'distribution' as mart,
        study_id,
        family_label,
        relation,
        scheme as part,
        sum(share) as total
    from distribution
    group by study_id, family_label, relation, scheme
    union all
    select
        'validity' as mart,
        study_id,
        family_label,
        relation,
        'all' as part,
        sum(share) as total
    from validity
    group by study_id, family_label, relation
),

broken as (
    select * from totals
    where abs(total - 1) > 1e-9
)

select * from broken
