-- How often each verdict, by question; the single cuts of the sweep apart.
select
    question,
    count(*) as n_tests,
    count(*) filter (where verdict = 'supported') as n_supported,
    count(*) filter (where verdict = 'not_supported') as n_not_supported,
    count(*) filter (where verdict = 'underpowered') as n_underpowered,
    count(*) filter (where verdict = 'not_testable') as n_not_testable
from stats.significance_tests
where
    study_id = $study_id
    and not (question = 'spread_sweep' and test_name = 'brown_forsythe')
group by question
order by question
