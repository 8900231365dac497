-- The test that speaks for each question: pooled over all families where it is, then per family.
with

headline_tests (headline_order, headline, question, scope, test_name) as (
    values
    (1, 'same_vs_different', 'same_vs_different', 'all', 'mann_whitney'),
    (2, 'same_vs_different_low', 'same_vs_different', 'low', 'mann_whitney'),
    (3, 'noise', 'spread_by_downloads', 'same_low_vs_higher', 'brown_forsythe'),
    (4, 'noise_any_cut', 'spread_sweep', 'same', 'brown_forsythe_maximum'),
    (5, 'downloads', 'downloads_vs_overlap', 'same', 'spearman'),
    (6, 'identification', 'identification', 'all', 'auc'),
    (7, 'filtering', 'filtering', 'above_10', 'fisher_exact'),
    (8, 'validity', 'validity', 'same_vs_different', 'fisher_exact'),
    (9, 'families', 'family_vs_family', 'same', 'mann_whitney')
),

sizes as (
    select
        family_label,
        count(overlap_ratio) as n_valid
    from marts.fct_overlaps
    where study_id = $study_id
    group by family_label
),

means as (
    select
        family_label,
        'all' as scope,
        avg(overlap_ratio) filter (where relation = 'same') as mean_same,
        avg(overlap_ratio) filter (where relation = 'different') as mean_different
    from marts.fct_overlaps
    where
        study_id = $study_id
        and is_counted
    group by family_label
    union all
    select
        family_label,
        'low' as scope,
        avg(overlap_ratio) filter (where relation = 'same') as mean_same,
        avg(overlap_ratio) filter (where relation = 'different') as mean_different
    from marts.fct_overlaps
    where
        study_id = $study_id
        and is_counted
        and quality = 'low'
    group by family_label
),

-- What a reader wants to know of two means; the verdict is that of the test.
ratios as (
    select
        family_label,
        scope,
        effect_size as ratio_of_means
    from stats.significance_tests
    where
        study_id = $study_id
        and question = 'same_vs_different'
        and test_name = 'permutation_of_means'
),

-- Families that a question cannot be asked of are counted in one row.
uncounted as (
    select
        question,
        n_a as n_not_testable
    from stats.significance_tests
    where
        study_id = $study_id
        and test_name = 'count'
),

ranked as (
    select
        headline_tests.headline_order,
        headline_tests.headline,
        tests.*,
        means.mean_same,
        means.mean_different,
        ratios.ratio_of_means,
        tests.test_name in ('random_effects', 'kruskal_wallis') as is_over_families,
        row_number() over (
            partition by headline_tests.headline
            order by tests.n_families is null, sizes.n_valid desc nulls last, tests.family_label, tests.n_a + tests.n_b desc, tests.test_id
        ) as place,
        count(*) over (partition by headline_tests.headline) as n_tests,
        count(*) filter (where tests.verdict = 'supported') over (partition by headline_tests.headline) as n_supported,
        count(*) filter (where tests.verdict = 'contradicted') over (partition by headline_tests.headline)
            as n_contradicted,
        count(*) filter (where tests.verdict = 'no_difference') over (partition by headline_tests.headline)
            as n_no_difference,
        count(*) filter (where tests.verdict = 'not_settled') over (partition by headline_tests.headline)
            as n_not_settled,
        count(*) filter (where tests.verdict = 'underpowered') over (partition by headline_tests.headline)
            as n_underpowered,
        undoubted.effect_size as undoubted_effect_size,
        undoubted.ci_low as undoubted_ci_low,
        undoubted.ci_high as undoubted_ci_high,
        undoubted.n_a as undoubted_n_a,
        undoubted.n_b as undoubted_n_b,
        undoubted.verdict as undoubted_verdict,
        case when tests.is_primary then coalesce(uncounted.n_not_testable, 0) else 0 end as n_not_testable
    from headline_tests
    inner join stats.significance_tests as tests
        on
            headline_tests.question = tests.question
            and headline_tests.scope = tests.scope
            and (
                headline_tests.test_name = tests.test_name
                or (headline_tests.headline != 'same_vs_different_low'
                    and tests.test_name in ('random_effects', 'kruskal_wallis'))
            )
    -- The same test without disputed and suspect pairs, where there are any.
    left join stats.significance_tests as undoubted
        on
            tests.study_id = undoubted.study_id
            and tests.family_label = undoubted.family_label
            and tests.question = undoubted.question
            and tests.test_name = undoubted.test_name
            and undoubted.scope = case when tests.scope = 'all' then 'undoubted' else tests.scope || '_undoubted' end
    left join uncounted
        on headline_tests.question = uncounted.question
    left join ratios
        on
            tests.family_label = ratios.family_label
            and tests.scope = ratios.scope
    left join sizes
        on tests.family_label = sizes.family_label
    left join means
        on
            tests.family_label = means.family_label
            and tests.scope = means.scope
    where tests.study_id = $study_id
)

select *
from ranked
where place <= $max_families
order by headline_order, place
