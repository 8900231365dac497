-- Every test of the families shown but the single cuts of the sweep, which the study's page draws.
select *
from stats.significance_tests
where
    study_id = $study_id
    and not (question = 'spread_sweep' and test_name = 'brown_forsythe')
    and (
        family_label = 'all families'
        or list_contains($families, family_label)
    )
order by question, family_label, scope, test_id
