-- Every test of the families shown but the single cuts of the sweep, which the study's page draws.
select *
from stats.significance_tests
where
    study_id = $study_id
    and not (question = 'spread_sweep' and test_name = 'brown_forsythe')
    and (
        family_label = 'all families'
        or family_label in (
            select family_label
            from marts.fct_overlaps
            where study_id = $study_id
            group by family_label
            order by count(overlap_ratio) desc, family_label
            limit $max_families
        )
    )
order by question, family_label, scope, test_id
