select
    study_id,
    count(*) as n_pairs,
    count(*) filter (where is_relation_disputed) as n_disputed,
    count(*) filter (where relation = 'unknown') as n_unknown_relation,
    count(*) filter (where derived_downloads is null) as n_without_downloads,
    count(*) filter (where is_tokenizer_match) as n_same_tokenizer,
    count(*) filter (where is_tokenizer_match is null) as n_tokenizer_unknown
from marts.fct_overlaps
group by study_id
order by study_id
