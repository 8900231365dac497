-- The data tests that did not pass.
select
    test_name,
    schema_name,
    table_name,
    column_name,
    status,
    n_failures
from marts.fct_build_tests
where status != 'pass'
order by status, test_name, test_id
