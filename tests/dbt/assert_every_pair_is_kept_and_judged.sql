{#-
    Each measured or imported pair is in fct_overlaps once, suspect or not, and is counted unless the switch
    exclude_suspect_pairs leaves it out. Every figure over groups relies on it. When it fails, a join of fct_overlaps or
    int_pairs_suspected dropped pairs or doubled them.
-#}
with

pairs as (
    select * from {{ ref('int_overlaps_united') }}
),

facts as (
    select * from {{ ref('fct_overlaps') }}
),

pair_counts as (
    select
        study_id,
        count(*) as n_pairs,
        count(overlap_ratio) as n_valid
    from pairs
    group by study_id
),

fact_counts as (
    select
        study_id,
        count(*) as n_pairs,
        count(overlap_ratio) as n_valid,
        sum(case when is_counted or (is_suspect and {{ var('exclude_suspect_pairs') }}) then 1 else 0 end) as n_judged
    from facts
    group by study_id
),

unequal as (
    select
        pair_counts.study_id,
        pair_counts.n_pairs,
        fact_counts.n_pairs as n_facts,
        fact_counts.n_valid,
        fact_counts.n_judged
    from pair_counts
    left join fact_counts
        on pair_counts.study_id = fact_counts.study_id
    where
        fact_counts.n_pairs is null
        or pair_counts.n_pairs != fact_counts.n_pairs
        or pair_counts.n_valid != fact_counts.n_valid
        or fact_counts.n_judged != fact_counts.n_pairs
)

select * from unequal
