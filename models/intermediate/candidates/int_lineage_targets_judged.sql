with

candidates as (
    select * from {{ ref('int_lineage_methods_stacked') }}
),

edges as (
    select * from {{ ref('int_lineage_edges_united') }}
),

models as (
    select * from {{ ref('int_models_latest') }}
),

known as (
    select * from {{ ref('int_models_known') }}
),

halves as (
    select * from {{ ref('int_lineage_halves') }}
),

judged_pairs as (
    select distinct
        derived_key,
        candidate_key,
        {{ model_hash('derived_key') }} as child_hash,
        {{ model_hash('candidate_key') }} as parent_hash
    from candidates
),

-- An import may name relations that the Hub has no word for, such as `identical`.
relations as (
    select distinct
        judged_pairs.derived_key,
        judged_pairs.candidate_key,
        case
            when edges.is_relation_assumed and models.stated_type is not null then lower(trim(models.stated_type))
            else edges.relation
        end as relation_type
    from edges
    inner join judged_pairs
        on
            edges.child_hash = judged_pairs.child_hash
            and edges.parent_hash = judged_pairs.parent_hash
    left join models
        on edges.child_hash = models.model_hash
),

judged_models as (
    select distinct
        judged_pairs.derived_key,
        known.is_in_lineage,
        halves.half
    from judged_pairs
    inner join known
        on judged_pairs.child_hash = known.model_hash
    inner join halves
        on judged_pairs.derived_key = halves.model_key
),

targets as (
    select
        candidates.study_id,
        candidates.pair_set,
        candidates.method,
        candidates.method_order,
        candidates.derived_key,
        count(*) as n_candidates,
        max(case when candidates.is_declared_parent then 1 else 0 end) = 1 as has_parent,
        max(case when candidates.is_same_family then 1 else 0 end) = 1 as has_family,
        min(case when candidates.is_declared_parent then candidates.place end) as parent_place,
        max(case when candidates.place = 1 and candidates.is_same_family then 1 else 0 end) = 1 as is_family_hit,
        max(case when candidates.place = 1 then candidates.score end) as top_score,
        sum(case when candidates.is_declared_parent then 1 else 0 end) as n_parents,
        sum(case when candidates.is_declared_parent and candidates.place = 1 then 1 else 0 end) as n_parents_first,
        sum(case when candidates.is_declared_parent and candidates.place <= 5 then 1 else 0 end) as n_parents_in_five,
        sum(case when candidates.is_declared_parent then cast(1 as double) / candidates.place else 0 end)
            as sum_reciprocal,
        sum(
            case
                when candidates.is_declared_parent then cast(1 as double) / (candidates.place * candidates.place)
                else 0
            end
        ) as sum_squared,
        sum(case when candidates.is_accepted then 1 else 0 end) as n_accepted,
        sum(case when candidates.is_accepted and candidates.is_declared_parent then 1 else 0 end) as n_parents_accepted,
        judged_models.is_in_lineage,
        judged_models.half
    from candidates
    inner join judged_models
        on candidates.derived_key = judged_models.derived_key
    group by
        candidates.study_id,
        candidates.pair_set,
        candidates.method,
        candidates.method_order,
        candidates.derived_key,
        judged_models.is_in_lineage,
        judged_models.half
),

target_relations as (
    select distinct
        candidates.study_id,
        candidates.pair_set,
        candidates.derived_key,
        relations.relation_type
    from candidates
    inner join relations
        on
            candidates.candidate_key = relations.candidate_key
            and candidates.derived_key = relations.derived_key
    where candidates.method_order = 0
),

judged as (
    select
        targets.*,
        'any' as relation_type
    from targets
    union all
    select
        targets.*,
        target_relations.relation_type
    from targets
    inner join target_relations
        on
            targets.study_id = target_relations.study_id
            and targets.pair_set = target_relations.pair_set
            and targets.derived_key = target_relations.derived_key
),

-- `half` is the model's own in either split: a cut must come from the other one.
split_up as (
    select
        *,
        'all' as split
    from judged
    union all
    select
        *,
        half as split
    from judged
)

select * from split_up
