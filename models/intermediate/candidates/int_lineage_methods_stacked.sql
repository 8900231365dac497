with

candidates as (
    select
        *,
        count(*) over (partition by study_id, derived_key) as n_candidates,
        sum(case when is_tokenizer_match then 1 else 0 end) over (partition by study_id, derived_key)
            as n_matched_candidates
    from {{ ref('int_lineage_candidates_scored') }}
),

{%- set methods = [
    ('overlap_one_way', 'overlap', 'overlap'),
    ('overlap_symmetric', 'symmetric_overlap', 'symmetric_overlap'),
    ('overlap_corrected', 'corrected_overlap', 'corrected_overlap'),
    ('metadata', 'metadata_score', 'metadata_kinship'),
    ('combined', 'combined_score', 'combined_kinship'),
] %}

stacked as (
    {% for method, score, kinship in methods %}
        {% if not loop.first %}union all{% endif %}
        select
            study_id,
            derived_key,
            candidate_key,
            '{{ method }}' as method,
            {{ loop.index0 }} as method_order,
            {{ score }} as score,
            {{ kinship }} as kinship,
            is_tokenizer_match,
            is_declared_parent,
            is_same_family,
            n_candidates,
            n_matched_candidates
        from candidates
    {% endfor %}
),

in_sets as (
    select
        *,
        'all' as pair_set
    from stacked
    where n_candidates > 1
    union all
    select
        *,
        'tokenizer_match' as pair_set
    from stacked
    where
        is_tokenizer_match
        and n_matched_candidates > 1
),

ranked as (
    select
        study_id,
        pair_set,
        method,
        method_order,
        derived_key,
        candidate_key,
        score,
        kinship,
        is_declared_parent,
        is_same_family,
        row_number() over (
            partition by study_id, pair_set, method, derived_key
            order by round(score, 9) desc, candidate_key asc
        ) as place
    from in_sets
)

select * from ranked
