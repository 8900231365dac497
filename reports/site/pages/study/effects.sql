-- How many times as much relatives overlap as strangers, for each family with a test, and over all of them.
select
    family_label,
    effect_size,
    ci_low,
    ci_high,
    n_a,
    n_b,
    n_families,
    test_name = 'random_effects' as is_pooled
from stats.significance_tests
where
    study_id = $study_id
    and question = 'same_vs_different'
    and effect_name = 'ratio_of_means'
    and test_name in ('permutation_of_means', 'random_effects')
    and scope = 'all'
    and effect_size > 0
order by is_pooled desc, n_a desc, family_label
