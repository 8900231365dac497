select
    build_id,
    built_at,
    modelkin_version,
    dbt_version,
    engine_version,
    vars
from marts.fct_builds
order by built_at desc, build_id desc
limit 1
