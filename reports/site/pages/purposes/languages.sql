-- The languages that most models name; a model of several counts in each.
select
    language,
    language_name,
    n_models,
    n_monolingual_models,
    n_base_models,
    downloads,
    n_with_downloads,
    median_downloads,
    count(*) over () as n_rows
from marts.mart_languages
order by n_models desc, language
limit 15
