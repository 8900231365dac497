with

curve as (
    select * from {{ ref('mart_threshold_curve') }}
    where
        is_observed
        and n_same > 0
        and n_different > 0
),

curves as (
    select distinct
        study_id,
        family_label,
        pair_set,
        filter_name,
        filter_order,
        n_same,
        n_different
    from curve
),

-- Between cuts that are equally good the one with fewer false positives, that is the higher one.
youden as (
    select
        *,
        'youden' as rule,
        row_number() over (
            partition by study_id, family_label, pair_set, filter_name
            order by round(youden_j, 12) desc, fpr asc, threshold desc
        ) as place
    from curve
),

low_fpr as (
    select
        *,
        'tpr_at_low_fpr' as rule,
        row_number() over (
            partition by study_id, family_label, pair_set, filter_name
            order by tpr desc, fpr asc, threshold desc
        ) as place
    from curve
    where fpr <= {{ var('fpr_bound') }}
),

united as (
    select * from youden
    union all
    select * from low_fpr
),

rules as (
    select 'youden' as rule
    union all
    select 'tpr_at_low_fpr' as rule
),

-- No cut may keep to the bound: then the rule has its row, and no threshold.
final as (
    select
        curves.study_id,
        curves.family_label,
        curves.pair_set,
        curves.filter_name,
        curves.filter_order,
        rules.rule,
        united.threshold,
        curves.n_same,
        curves.n_different,
        united.tp,
        united.fn,
        united.tn,
        united.fp,
        united.tpr,
        {{ wilson_low('united.tp', 'curves.n_same') }} as tpr_ci_low,
        {{ wilson_high('united.tp', 'curves.n_same') }} as tpr_ci_high,
        united.fpr,
        {{ wilson_low('united.fp', 'curves.n_different') }} as fpr_ci_low,
        {{ wilson_high('united.fp', 'curves.n_different') }} as fpr_ci_high,
        united.accuracy,
        united.precision,
        united.f1,
        united.weighted_accuracy,
        united.youden_j
    from curves
    cross join rules
    left join united
        on
            curves.study_id = united.study_id
            and curves.family_label = united.family_label
            and curves.pair_set = united.pair_set
            and curves.filter_name = united.filter_name
            and rules.rule = united.rule
            and united.place = 1
)

select * from final
