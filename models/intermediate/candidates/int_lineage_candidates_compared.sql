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

formats as (
    select * from {{ ref('int_model_formats') }}
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
        names.name_similarity,
        coalesce(
            greatest(derived.size_params, candidate.size_params)
            > {{ var('size_ratio_same') }} * least(derived.size_params, candidate.size_params),
            false
        ) as is_other_size,
        derived.is_architecture_known
        and candidate.is_architecture_known
        and derived.architecture != candidate.architecture as is_other_architecture,
        coalesce(candidate.created_at > derived.created_at, false) as is_younger,
        candidate_formats.is_converted as is_leaf,
        candidate_formats.is_converted_by_name as is_leaf_by_name,
        derived_formats.is_converted_by_name as is_conversion,
        candidate_formats.is_converted_by_name
        and derived_formats.n_formats > candidate_formats.n_formats
        and substr(derived_formats.hyphenated_name, 1, length(candidate_formats.hyphenated_name))
        = candidate_formats.hyphenated_name as is_reconversion,
        originals.repository_name is not null and not candidate.is_named_after_owner as is_reupload,
        -- A copy in another format has no descendants that could continue its name.
        names.is_name_continued and not derived_formats.is_converted_by_name as is_name_continued,
        names.is_same_name,
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
    inner join formats as derived_formats
        on candidates.derived_key = derived_formats.model_key
    inner join formats as candidate_formats
        on candidates.candidate_key = candidate_formats.model_key
    inner join names
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
)

select * from compared
