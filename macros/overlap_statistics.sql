{#- The columns that describe a group of pairs in every mart of overlaps; pairs that failed count in n_pairs alone. -#}
{% macro overlap_statistics() -%}
    count(*) as n_pairs,
        count(overlap_ratio) as n_valid,
        avg(overlap_ratio) as mean_overlap,
        median(overlap_ratio) as median_overlap,
        stddev_samp(overlap_ratio) as stddev_overlap,
        min(overlap_ratio) as min_overlap,
        max(overlap_ratio) as max_overlap,
        count(distinct case when overlap_ratio is not null then coalesce(copy_group_id, derived_model_id) end)
            as n_effective
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


{#- The two bounds of the 95 % Wilson score interval of `successes` among `n`; null when n is 0. -#}
{% macro wilson_low(successes, n) -%}
    {{ modelkin.wilson_bound(successes, n, '-') }}
{%- endmacro %}

{% macro wilson_high(successes, n) -%}
    {{ modelkin.wilson_bound(successes, n, '+') }}
{%- endmacro %}

{#- z is the 97.5 % quantile of the normal distribution. The ends are clipped: rounding can step over 0 and 1. -#}
{% macro wilson_bound(successes, n, sign) -%}
    {%- set z = 'cast(1.959963984540054 as double)' -%}
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
