with

candidates as (
    select
        *,
        dense_rank() over (order by study_id, derived_key) as target,
        count(*) over (partition by study_id, derived_key) as n_candidates,
        sum(case when is_tokenizer_match then 1 else 0 end) over (partition by study_id, derived_key)
            as n_matched_candidates
    from {{ ref('int_lineage_candidates_scored') }}
),

{%- set methods = [
    ('overlap_one_way', 'overlap', 'overlap', 'fence'),
    ('overlap_symmetric', 'symmetric_overlap', 'symmetric_overlap', 'fence'),
    ('overlap_corrected', 'corrected_overlap', 'corrected_overlap', 'fence'),
    ('metadata', 'metadata_score', 'metadata_kinship', 'share'),
    ('combined', 'combined_score', 'combined_kinship', 'share'),
] %}

stacked as (
    {% for method, score, kinship, rule in methods %}
        {% if not loop.first %}union all{% endif %}
        select
            target,
            study_id,
            derived_key,
            candidate_key,
            '{{ method }}' as method,
            {{ loop.index0 }} as method_order,
            '{{ rule }}' as acceptance_rule,
            round({{ score }}, 9) as score,
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

-- A model of a study has a number: rows are grouped and sorted by that, and not by texts.
spreads as (
    select
        target,
        pair_set,
        method_order,
        max(score) as best_score,
        {{ quantile('score', 0.75) }}
        + 1.5 * ({{ quantile('score', 0.75) }} - {{ quantile('score', 0.25) }}) as fence
    from in_sets
    group by target, pair_set, method_order
),

ranked as (
    select
        in_sets.study_id,
        in_sets.pair_set,
        in_sets.method,
        in_sets.method_order,
        in_sets.derived_key,
        in_sets.candidate_key,
        in_sets.score,
        in_sets.kinship,
        in_sets.is_declared_parent,
        in_sets.is_same_family,
        row_number() over (
            partition by in_sets.target, in_sets.pair_set, in_sets.method_order
            order by in_sets.score desc, in_sets.candidate_key asc
        ) as place,
        in_sets.acceptance_rule,
        spreads.best_score,
        spreads.fence
    from in_sets
    inner join spreads
        on
            in_sets.target = spreads.target
            and in_sets.pair_set = spreads.pair_set
            and in_sets.method_order = spreads.method_order
),

accepted as (
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
        place,
        case
            when acceptance_rule = 'fence' then score > fence
            else
                score > 0
                and score >= {{ var('accepted_share') }} * best_score
                and place <= {{ var('accepted_places') }}
        end as is_accepted
    from ranked
)

select * from accepted
