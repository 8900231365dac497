{#-
    The join condition that finds the tier of a number of downloads; null finds the tier `unknown`.
    `tiers` is dim_download_tiers, or what has its bounds.
-#}
{% macro is_in_download_tier(downloads, tiers) -%}
    (
        {{ downloads }} >= {{ tiers }}.min_downloads
        and ({{ downloads }} <= {{ tiers }}.max_downloads or {{ tiers }}.max_downloads is null)
    )
    or ({{ tiers }}.download_tier = 'unknown' and ({{ downloads }} is null or {{ downloads }} < 0))
{%- endmacro %}
