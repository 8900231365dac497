{#-
    The columns that describe a group of pairs in every mart of overlaps; pairs that failed count in n_pairs alone.
    Models that `counts_once` does not tell apart count once in n_effective.
-#}
{% macro overlap_statistics(counts_once='coalesce(copy_group_id, derived_model_id)') -%}
    count(*) as n_pairs,
        count(overlap_ratio) as n_valid,
        {{ exact_mean('overlap_ratio') }} as mean_overlap,
        median(overlap_ratio) as median_overlap,
        {{ exact_stddev('overlap_ratio') }} as stddev_overlap,
        min(overlap_ratio) as min_overlap,
        max(overlap_ratio) as max_overlap,
        count(distinct case when overlap_ratio is not null then {{ counts_once }} end) as n_effective
{%- endmacro %}


{#-
    Hedges' g of two groups from their means, sample standard deviations and sizes, with the usual approximation of
    the correction factor; null without a spread, and where a group is smaller than two, for it has no spread to pool.
-#}
{% macro hedges_g(mean_a, stddev_a, n_a, mean_b, stddev_b, n_b) -%}
    ({{ mean_a }} - {{ mean_b }})
    / nullif(
        sqrt(
            (({{ n_a }} - 1) * {{ stddev_a }} * {{ stddev_a }} + ({{ n_b }} - 1) * {{ stddev_b }} * {{ stddev_b }})
            / nullif({{ n_a }} + {{ n_b }} - 2, 0)
        ),
        0
    )
    * (1 - 3 / cast(4 * ({{ n_a }} + {{ n_b }}) - 9 as double))
{%- endmacro %}


{#-
    The area under the ROC curve, aggregated over one row per distinct score: n_same and n_different pairs have it, and
    n_different_below pairs of different families have less. A same-family pair wins over every one of these, and half
    of each equal one. Null unless both kinds are there.
-#}
{% macro area_under_curve(n_same, n_different, n_different_below) -%}
    {{ exact_sum(n_same ~ ' * (' ~ n_different_below ~ ' + ' ~ n_different ~ ' / cast(2 as double))', 1) }}
        / nullif(sum({{ n_same }}) * cast(sum({{ n_different }}) as double), 0)
{%- endmacro %}


{#-
    How much greater the mean of same-family pairs is than that of different-family pairs, aggregated over the same
    rows as the area under the curve. Null unless both kinds are there.
-#}
{% macro mean_gap(score, n_same, n_different) -%}
    {{ exact_sum(n_same ~ ' * ' ~ score) }} / nullif(sum({{ n_same }}), 0)
        - {{ exact_sum(n_different ~ ' * ' ~ score) }} / nullif(sum({{ n_different }}), 0)
{%- endmacro %}


{#-
    The columns that say how well a cut tells same-family pairs from different ones, of which it predicts `tp` and `fp`
    to be same. A rate is null where it has no n.
-#}
{% macro classification_rates(tp, fp, n_same, n_different) -%}
    {%- set tpr = 'cast(' ~ tp ~ ' as double) / nullif(' ~ n_same ~ ', 0)' -%}
    {%- set fpr = 'cast(' ~ fp ~ ' as double) / nullif(' ~ n_different ~ ', 0)' -%}
    {{ tpr }} as tpr,
        {{ fpr }} as fpr,
        cast({{ tp }} + {{ n_different }} - {{ fp }} as double) / nullif({{ n_same }} + {{ n_different }}, 0) as accuracy,
        cast({{ tp }} as double) / nullif({{ tp }} + {{ fp }}, 0) as precision,
        2 * cast({{ tp }} as double) / nullif({{ n_same }} + {{ tp }} + {{ fp }}, 0) as f1,
        {{ tpr }} - {{ fpr }} as youden_j
{%- endmacro %}


{#- How many standard errors a 95 % interval reaches to either side: the 97.5 % quantile of the normal distribution. -#}
{% macro normal_quantile() -%}
    cast(1.959963984540054 as double)
{%- endmacro %}


{#- The two bounds of the 95 % Wilson score interval of `successes` among `n`; null when n is 0. -#}
{% macro wilson_low(successes, n) -%}
    {{ modelkin.wilson_bound(successes, n, '-') }}
{%- endmacro %}

{% macro wilson_high(successes, n) -%}
    {{ modelkin.wilson_bound(successes, n, '+') }}
{%- endmacro %}

{#- The ends are clipped: rounding can step over 0 and 1. -#}
{% macro wilson_bound(successes, n, sign) -%}
    {%- set z = modelkin.normal_quantile() -%}
    {%- set p = 'cast(' ~ successes ~ ' as double) / ' ~ n -%}
    case
        when {{ n }} > 0
            then
                least(
                    greatest(
                        (
                            {{ p }} + {{ z }} * {{ z }} / (2 * {{ n }})
                            {{ sign }} {{ z }} * sqrt(
                                ({{ p }}) * (1 - {{ p }}) / {{ n }}
                                + {{ z }} * {{ z }} / (4 * cast({{ n }} as double) * {{ n }})
                            )
                        ) / (1 + {{ z }} * {{ z }} / {{ n }}),
                        cast(0 as double)
                    ),
                    cast(1 as double)
                )
    end
{%- endmacro %}


{#- Whether a number of downloads passes a row of the seed download_filters; never null. -#}
{% macro passes_download_filter(downloads, filters) -%}
    coalesce({{ filters }}.min_downloads is null or {{ downloads }} >= {{ filters }}.min_downloads, false)
{%- endmacro %}


{#-
    The sets of pairs that figures tell apart, as a select: different tokenizers are easy to tell apart, so the pairs
    that are known to share theirs are judged by themselves too. `is_in_pair_set` is the condition to join by.
-#}
{% macro pair_sets() -%}
    select 'all' as pair_set
    union all
    select 'tokenizer_match' as pair_set
{%- endmacro %}

{% macro is_in_pair_set(pairs, pair_sets) -%}
    {{ pair_sets }}.pair_set = 'all' or {{ pairs }}.is_tokenizer_match
{%- endmacro %}
