{#- The columns that describe a group of pairs in every mart of overlaps; pairs that failed count in n_pairs alone. -#}
{% macro overlap_statistics() -%}
    count(*) as n_pairs,
        count(overlap_ratio) as n_valid,
        avg(overlap_ratio) as mean_overlap,
        median(overlap_ratio) as median_overlap,
        stddev_samp(overlap_ratio) as stddev_overlap,
        min(overlap_ratio) as min_overlap,
        max(overlap_ratio) as max_overlap
{%- endmacro %}
