-- Overlap and separation at every k up to the study's own, same and different pairs side by side.
select
    family_label,
    k,
    is_study_k,
    n_same,
    n_different,
    max(mean_overlap) filter (where relation = 'same') as mean_same,
    max(mean_overlap) filter (where relation = 'different') as mean_different,
    avg(chance_overlap) as chance_overlap,
    mean_gap,
    auc,
    n_same_tokenizer_match,
    n_different_tokenizer_match,
    auc_tokenizer_match
from marts.mart_overlap_by_k
where
    study_id = $study_id
    and list_contains($families, family_label)
group by all
order by family_label, k
