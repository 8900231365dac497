with

candidates as (
    select * from {{ ref('int_lineage_candidates_compared') }}
),

-- The name of a conversion names its source: the copy whose name it continues, else the original of its own name.
sourced as (
    select
        *,
        case
            when is_reconversion then 2
            when is_conversion and is_same_name and not is_leaf then 1
            else 0
        end as source_place
    from candidates
),

marked as (
    select
        *,
        source_place < max(source_place) over (partition by study_id, derived_key) as is_source_elsewhere
    from sourced
),

factored as (
    select
        *,
        case when is_other_size then {{ var('contradiction_factor') }} else 1 end
        * case when is_other_architecture then {{ var('contradiction_factor') }} else 1 end as kinship_factor,
        case when is_younger then {{ var('contradiction_factor') }} else 1 end
        * case
            when is_reconversion then 1
            when is_leaf_by_name then {{ var('conversion_factor') }}
            when is_leaf then {{ var('contradiction_factor') }}
            else 1
        end
        * case when is_source_elsewhere then {{ var('contradiction_factor') }} else 1 end
        * case when is_reupload then {{ var('contradiction_factor') }} else 1 end
        * case when is_name_continued then {{ var('contradiction_factor') }} else 1 end as parenthood_factor
    from marked
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
        is_reconversion,
        is_source_elsewhere,
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
