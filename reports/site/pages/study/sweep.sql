-- The spread below and above every cut on downloads, same-family pairs.
select
    family_label,
    statistic,
    cast(regexp_extract(test_id, 'cut_([0-9]+)', 1) as bigint) as downloads_cut,
    effect_size as sd_ratio,
    n_a as n_low,
    n_b as n_high,
    p_holm
from stats.significance_tests
where
    study_id = $study_id
    and question = 'spread_sweep'
    and scope = 'same'
    and test_name = 'brown_forsythe'
order by family_label, downloads_cut
