-- Models that name one language alone, and the commonest of them; one row.
with

single as (
    select
        language,
        language_name,
        n_monolingual_models
    from marts.mart_languages
    where
        language != 'multilingual'
        and n_monolingual_models > 0
),

most as (
    select *
    from single
    order by n_monolingual_models desc, language
    limit 1
)

select
    (select count(*) from marts.mart_languages where language != 'multilingual') as n_languages,
    cast(coalesce(sum(n_monolingual_models), 0) as bigint) as n_monolingual,
    (select language from most) as most_common,
    (select language_name from most) as most_common_name,
    (select n_monolingual_models from most) / nullif(sum(n_monolingual_models), 0) as share_most_common
from single
order by n_monolingual
