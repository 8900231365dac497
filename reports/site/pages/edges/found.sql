-- All verdicts on models of which a declared parent is refuted or reversed, or that declare none and have one, the
-- surest first.
with

found as (
    select
        model_id,
        max(coalesce(confidence, 0)) as surest
    from stats.lineage_verdicts
    group by model_id
    having
        count(*) filter (where verdict in ('contradicted', 'reversed')) > 0
        or (count(*) filter (where is_declared) = 0 and count(*) filter (where verdict = 'undeclared') > 0)
),

placed as (
    select
        model_id,
        row_number() over (order by surest desc, model_id) as place,
        count(*) over () as n_models
    from found
)

select
    placed.place,
    placed.n_models,
    verdicts.model_id,
    verdicts.parent_model_id,
    verdicts.is_declared,
    verdicts.verdict,
    verdicts.by_weights,
    verdicts.by_fingerprint,
    verdicts.p_value,
    verdicts.p_holm,
    verdicts.confidence,
    verdicts.nearest_model_id,
    verdicts.reason
from placed
inner join stats.lineage_verdicts as verdicts
    on placed.model_id = verdicts.model_id
where placed.place <= 100
order by placed.place, verdicts.is_declared desc, verdicts.parent_model_id
