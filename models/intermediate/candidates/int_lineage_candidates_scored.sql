with

candidates as (
    select * from {{ ref('int_lineage_overlaps') }}
),

names as (
    select * from {{ ref('int_lineage_names') }}
),

traits as (
    select * from {{ ref('int_model_traits') }}
),

pairs as (
    select * from {{ ref('int_overlaps_united') }}
),

pair_relations as (
    select * from {{ ref('int_pair_relations') }}
),

edges as (
    select * from {{ ref('int_lineage_edges_united') }}
),

members as (
    select
        study_id,
        derived_key as model_key
    from candidates
    union
    select
        study_id,
        candidate_key as model_key
    from candidates
),

-- A name that its own owner stands for elsewhere in the study makes every other model of that name a re-upload.
originals as (
    select distinct
        members.study_id,
        traits.repository_name
    from members
    inner join traits
        on members.model_key = traits.model_key
    where traits.is_named_after_owner
),

compared as (
    select
        candidates.*,
        least(greatest(coalesce(candidates.corrected_overlap, 0), 0), 1) as overlap_evidence,
        coalesce(names.name_similarity, 0) as name_similarity,
        coalesce(
            greatest(derived.size_params, candidate.size_params)
            > {{ var('size_ratio_same') }} * least(derived.size_params, candidate.size_params),
            false
        ) as is_other_size,
        derived.is_architecture_known
        and candidate.is_architecture_known
        and derived.architecture != candidate.architecture as is_other_architecture,
        coalesce(candidate.created_at > derived.created_at, false) as is_younger,
        candidate.is_leaf,
        originals.repository_name is not null and not candidate.is_named_after_owner as is_reupload,
        coalesce(names.is_name_continued, false) as is_name_continued,
        edges.child_hash is not null as is_declared_parent,
        coalesce(pair_relations.lineage_relation, pairs.declared_relation) = 'same' as is_same_family
    from candidates
    inner join pairs
        on
            candidates.study_id = pairs.study_id
            and candidates.candidate_key = pairs.base_key
            and candidates.derived_key = pairs.derived_key
    inner join traits as derived
        on candidates.derived_key = derived.model_key
    inner join traits as candidate
        on candidates.candidate_key = candidate.model_key
    left join names
        on
            candidates.study_id = names.study_id
            and candidates.derived_key = names.derived_key
            and candidates.candidate_key = names.candidate_key
    left join originals
        on
            candidates.study_id = originals.study_id
            and candidate.repository_name = originals.repository_name
    left join pair_relations
        on
            candidates.candidate_key = pair_relations.base_key
            and candidates.derived_key = pair_relations.derived_key
    left join edges
        on
            {{ model_hash('candidates.candidate_key') }} = edges.parent_hash
            and {{ model_hash('candidates.derived_key') }} = edges.child_hash
),

factored as (
    select
        *,
        case when is_other_size then {{ var('contradiction_factor') }} else 1 end
        * case when is_other_architecture then {{ var('contradiction_factor') }} else 1 end as kinship_factor,
        case when is_younger then {{ var('contradiction_factor') }} else 1 end
        * case when is_leaf then {{ var('contradiction_factor') }} else 1 end
        * case when is_reupload then {{ var('contradiction_factor') }} else 1 end
        * case when is_name_continued then {{ var('contradiction_factor') }} else 1 end as parenthood_factor
    from compared
),

scored as (
    select
        study_id,
        derived_key,
        candidate_key,
        is_tokenizer_match,
        overlap,
        reverse_overlap,
        symmetric_overlap,
        coalesce(corrected_overlap, 0) as corrected_overlap,
        name_similarity,
        is_other_size,
        is_other_architecture,
        is_younger,
        is_leaf,
        is_reupload,
        is_name_continued,
        cast(name_similarity * kinship_factor as double) as metadata_kinship,
        cast(name_similarity * kinship_factor * parenthood_factor as double) as metadata_score,
        cast((overlap_evidence + name_similarity) / 2 * kinship_factor as double) as combined_kinship,
        cast((overlap_evidence + name_similarity) / 2 * kinship_factor * parenthood_factor as double)
            as combined_score,
        is_declared_parent,
        is_same_family
    from factored
)

select * from scored
