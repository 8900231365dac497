-- How many cards were read and how many speak of limits, bias and risks; one row.
select
    coalesce(max(n_cards), 0) as n_cards,
    max(n_mentioning / n_cards) filter (where topic = 'limitations') as share_limitations,
    max(n_mentioning / n_cards) filter (where topic = 'bias') as share_bias,
    max(n_mentioning / n_cards) filter (where topic = 'risks') as share_risks
from (
    select
        topic,
        cast(sum(n_cards) as bigint) as n_cards,
        cast(sum(n_mentioning) as bigint) as n_mentioning
    from marts.mart_documentation
    group by topic
)
order by n_cards
