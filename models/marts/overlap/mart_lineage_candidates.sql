with

candidates as (
    select * from {{ ref('int_lineage_candidates_scored') }}
),

known as (
    select * from {{ ref('int_models_known') }}
),

ranked as (
    select
        *,
        cast(row_number() over (
            partition by study_id, derived_key
            order by round(corrected_overlap, 9) desc, candidate_key asc
        ) as bigint) as overlap_rank,
        cast(row_number() over (
            partition by study_id, derived_key
            order by round(combined_score, 9) desc, candidate_key asc
        ) as bigint) as combined_rank,
        max(round(combined_score, 9)) over (partition by study_id, derived_key) as best_score
    from candidates
),

final as (
    select
        ranked.study_id,
        derived_models.model_id as derived_model_id,
        candidate_models.model_id as candidate_base_id,
        ranked.overlap_rank as rank,
        ranked.corrected_overlap as score,
        ranked.combined_rank,
        ranked.combined_score,
        ranked.combined_kinship,
        ranked.overlap as overlap_ratio,
        ranked.reverse_overlap as reverse_overlap_ratio,
        ranked.name_similarity,
        ranked.is_other_size,
        ranked.is_other_architecture,
        ranked.is_younger,
        ranked.is_leaf,
        ranked.is_reupload,
        ranked.is_name_continued,
        ranked.is_declared_parent,
        ranked.is_same_family,
        ranked.is_reconversion,
        ranked.is_source_elsewhere,
        round(ranked.combined_score, 9) > 0
        and round(ranked.combined_score, 9) >= {{ var('accepted_share') }} * ranked.best_score
        and ranked.combined_rank <= {{ var('accepted_places') }} as is_accepted
    from ranked
    inner join known as derived_models
        on {{ model_hash('ranked.derived_key') }} = derived_models.model_hash
    inner join known as candidate_models
        on {{ model_hash('ranked.candidate_key') }} = candidate_models.model_hash
)

select * from final
