-- How often each verdict, by question; the single cuts of the sweep apart. Tests that cannot be done are counted.
select
    question,
    count(*) filter (where verdict != 'not_testable') as n_tests,
    count(*) filter (where verdict = 'supported') as n_supported,
    count(*) filter (where verdict = 'contradicted') as n_contradicted,
    count(*) filter (where verdict = 'no_difference') as n_no_difference,
    count(*) filter (where verdict = 'not_settled') as n_not_settled,
    count(*) filter (where verdict = 'underpowered') as n_underpowered,
    cast(coalesce(sum(effect_size) filter (where verdict = 'not_testable'), 0) as bigint) as n_not_testable
from stats.significance_tests
where
    study_id = $study_id
    and not (question = 'spread_sweep' and test_name = 'brown_forsythe')
group by question
order by question
