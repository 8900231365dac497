{#-
    A number of downloads falls into exactly one tier, and the tier is the published one at each bound. Every mart by
    tier or quality relies on it. When it fails, an edit of the seed download_tiers left a gap, an overlap or another
    cut: mend the seed, or the expectations here if another cut is meant.
-#}
with

download_tiers as (
    select * from {{ ref('dim_download_tiers') }}
),

expected as (
    {% for downloads, tier, quality in [
        ('0', 'zero', 'low'), ('1', '1-10', 'low'), ('10', '1-10', 'low'), ('11', '11-100', 'medium'),
        ('100', '11-100', 'medium'), ('101', '101-1k', 'high'), ('1000', '101-1k', 'high'),
        ('1001', 'over 1k', 'high'), ('1000000000', 'over 1k', 'high'), ('null', 'unknown', 'unknown'),
        ('-1', 'unknown', 'unknown'),
    ] %}
        {% if not loop.first %}union all{% endif %}
        select
            cast({{ downloads }} as bigint) as downloads,
            '{{ tier }}' as download_tier,
            '{{ quality }}' as quality
    {% endfor %}
),

found as (
    select
        expected.downloads,
        expected.download_tier,
        expected.quality,
        count(download_tiers.download_tier) as n_tiers,
        max(download_tiers.download_tier) as found_tier,
        max(download_tiers.quality) as found_quality
    from expected
    left join download_tiers
        on {{ is_in_download_tier('expected.downloads', 'download_tiers') }}
    group by expected.downloads, expected.download_tier, expected.quality
),

wrong as (
    select * from found
    where
        n_tiers != 1
        or found_tier != download_tier
        or found_quality != quality
)

select * from wrong
