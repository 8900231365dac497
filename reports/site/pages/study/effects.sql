-- How far apart the relations are, for each family and level of downloads, and over all families where it is pooled.
select
    family_label,
    scope,
    effect_size,
    ci_low,
    ci_high,
    n_a,
    n_b,
    coalesce(test_name = 'random_effects', false) as is_pooled,
    case scope when 'all' then 0 when 'low' then 1 when 'medium' then 2 when 'high' then 3 else 4 end as scope_order
from stats.significance_tests
where
    study_id = $study_id
    and question = 'same_vs_different'
    and effect_name = 'cliffs_delta'
    and scope in ('all', 'low', 'medium', 'high', 'unknown')
order by n_a + n_b desc, family_label, scope_order
