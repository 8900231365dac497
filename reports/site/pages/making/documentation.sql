-- How often model cards speak of each topic, base models and derived ones apart.
select
    topic,
    cast(sum(n_cards) as bigint) as n_cards,
    cast(sum(n_mentioning) as bigint) as n_mentioning,
    sum(n_mentioning) / sum(n_cards) as share_mentioning,
    cast(coalesce(sum(n_cards) filter (where model_type = 'base'), 0) as bigint) as n_base_cards,
    sum(n_mentioning) filter (where model_type = 'base') / sum(n_cards) filter (where model_type = 'base')
        as share_base,
    cast(coalesce(sum(n_cards) filter (where model_type != 'base'), 0) as bigint) as n_derived_cards,
    sum(n_mentioning) filter (where model_type != 'base') / sum(n_cards) filter (where model_type != 'base')
        as share_derived
from marts.mart_documentation
group by topic
order by share_mentioning desc, topic
