select
    family_label,
    scope,
    effect_size,
    ci_low,
    ci_high,
    n_a,
    n_b,
    p_holm,
    verdict
from stats.significance_tests
where
    study_id = $study_id
    and question = 'same_vs_different'
    and effect_name = 'ratio_of_means'
    and scope in ('low', 'medium', 'high', 'unknown')
order by family_label, scope
