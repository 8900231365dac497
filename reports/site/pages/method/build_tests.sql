-- What became of the data tests, for each layer of the warehouse; tests over several tables have no schema.
select
    schema_name,
    count(*) as n_tests,
    count(*) filter (where status = 'pass') as n_passed,
    count(*) filter (where status = 'warn') as n_warned,
    count(*) filter (where status in ('fail', 'error')) as n_failed,
    count(*) filter (where status = 'skipped') as n_skipped
from marts.fct_build_tests
group by schema_name
order by schema_name nulls last
