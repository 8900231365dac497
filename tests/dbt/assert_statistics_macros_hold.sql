{#-
    The macros for intervals, effects and tiers give values worked out elsewhere: Wilson's interval as in statsmodels'
    proportion_confint, g by hand. Marts of overlap rely on them. When it fails, a macro's formula was broken.
-#}
with

wilson_cases as (
    {% for n_right, n, low, high in [
        (0, 10, 0.0, 0.27753279986288926),
        (10, 10, 0.7224672001371106, 1.0),
        (3, 28, 0.03711836682929999, 0.2719585154867216),
        (1, 1, 0.2065493143772374, 1.0),
    ] %}
        {% if not loop.first %}union all{% endif %}
        select
            {{ n_right }} as n_right,
            {{ n }} as n,
            {{ low }} as low,
            {{ high }} as high
    {% endfor %}
),

nothing as (
    select
        0 as n_right,
        0 as n
),

wilson_checks as (
    select
        'wilson_low and wilson_high' as macro,
        abs({{ wilson_low('n_right', 'n') }} - low) < 1e-12
        and abs({{ wilson_high('n_right', 'n') }} - high) < 1e-12 as holds
    from wilson_cases
    union all
    select
        'wilson_low and wilson_high of nothing' as macro,
        {{ wilson_low('n_right', 'n') }} is null and {{ wilson_high('n_right', 'n') }} is null as holds
    from nothing
),

-- Means 3 and 1, both variances 1, three and five values: 2 times 1 - 3 / 23. One value has no spread to pool.
effect_cases as (
    {% for n_a, stddev_a, n_b, stddev_b, g in [
        (3, '1', 5, '1', '40 / cast(23 as double)'),
        (1, 'null', 5, '1', 'null'),
        (2, '0', 2, '0', 'null'),
    ] %}
        {% if not loop.first %}union all{% endif %}
        select
            {{ n_a }} as n_a,
            cast({{ stddev_a }} as double) as stddev_a,
            {{ n_b }} as n_b,
            cast({{ stddev_b }} as double) as stddev_b,
            cast({{ g }} as double) as g
    {% endfor %}
),

effect_checks as (
    select
        'hedges_g' as macro,
        case
            when g is null then {{ hedges_g('3', 'stddev_a', 'n_a', '1', 'stddev_b', 'n_b') }} is null
            else abs({{ hedges_g('3', 'stddev_a', 'n_a', '1', 'stddev_b', 'n_b') }} - g) < 1e-12
        end as holds
    from effect_cases
),

-- Scores 1 (one same), 2 (one of each), 3 (two different): the second same-family pair ties once, none wins. Cut at 2.
scores as (
    {% for n_same, n_different, n_different_below in [(1, 0, 0), (1, 1, 0), (0, 2, 1)] %}
        {% if not loop.first %}union all{% endif %}
        select
            {{ loop.index }} as score,
            {{ n_same }} as n_same,
            {{ n_different }} as n_different,
            {{ n_different_below }} as n_different_below
    {% endfor %}
),

rates as (
    select {{ classification_rates('tp', 'fp', 'n_same', 'n_different') }}
    from (
        select
            1 as tp,
            3 as fp,
            2 as n_same,
            4 as n_different
    ) as cut
),

curve_checks as (
    select
        'area_under_curve' as macro,
        abs({{ area_under_curve('n_same', 'n_different', 'n_different_below') }} - cast(1 as double) / 12) < 1e-12
            as holds
    from scores
    union all
    select
        'area_under_curve of one kind' as macro,
        {{ area_under_curve('n_same', 'n_different', 'n_different_below') }} is null as holds
    from scores
    where n_different = 0
    -- The same-family pairs lie at 1 and 2, the different ones at 2, 3 and 3.
    union all
    select
        'mean_gap' as macro,
        abs({{ mean_gap('score', 'n_same', 'n_different') }} - (1.5 - cast(8 as double) / 3)) < 1e-12 as holds
    from scores
    union all
    select
        'mean_gap of one kind' as macro,
        {{ mean_gap('score', 'n_same', 'n_different') }} is null as holds
    from scores
    where n_different = 0
    union all
    select
        'classification_rates' as macro,
        abs(tpr - 0.5) < 1e-12
        and abs(fpr - 0.75) < 1e-12
        and abs(accuracy - cast(2 as double) / 6) < 1e-12
        and abs(precision - 0.25) < 1e-12
        and abs(f1 - cast(2 as double) / 6) < 1e-12
        and abs(youden_j + 0.25) < 1e-12 as holds
    from rates
    union all
    -- Wilson's interval of 5 in 10 reaches as far as its half width says: z / 2 / sqrt(10 + z * z).
    select
        'normal_quantile' as macro,
        abs(
            {{ wilson_high('5', '10') }} - 0.5
            - {{ normal_quantile() }} / 2 / sqrt(10 + {{ normal_quantile() }} * {{ normal_quantile() }})
        ) < 1e-12
        and abs({{ normal_quantile() }} - 1.95996398454) < 1e-11 as holds
),

checks as (
    select * from wilson_checks
    union all
    select * from effect_checks
    union all
    select * from curve_checks
),

failed as (
    select * from checks
    where not coalesce(holds, false)
)

select * from failed
