{{ config(materialized='view') }}

with

steps as (
    select * from {{ ref('int_counter_steps') }}
),

spikes as (
    select * from {{ ref('int_download_spikes') }}
),

recounted as (
    select
        model_hash,
        'recounted' as event,
        observed_on,
        previous_observed_on,
        cast(downloads_all_time_before as double) as value_before,
        cast(downloads_all_time as double) as value_after,
        cast(downloads_all_time_before as double) as value_expected,
        'The counter of all downloads fell, which can only grow.' as evidence
    from steps
    where downloads_all_time < downloads_all_time_before
),

-- Thirty days of downloads at both ends, of which none reached the counter between them.
stalled as (
    select
        model_hash,
        'stalled' as event,
        observed_on,
        previous_observed_on,
        cast(downloads_all_time_before as double) as value_before,
        cast(downloads_all_time as double) as value_after,
        downloads_all_time_before + cast(least(downloads, downloads_before) as double) * least(n_days, 30) / 30
            as value_expected,
        'The counter of all downloads stood still, while the downloads of 30 days did not.' as evidence
    from steps
    where
        n_downloaded = 0
        and cast(least(downloads, downloads_before) as double) * least(n_days, 30) / 30
        >= {{ var('stall_min_downloads') }}
),

spiked as (
    select
        model_hash,
        'spiked' as event,
        observed_on,
        previous_observed_on,
        n_usual as value_before,
        cast(n_downloaded as double) as value_after,
        n_usual * greatest(median_times_usual, 1) as value_expected,
        'Downloaded many times more than is usual for it and than its siblings rose by: it looks like automation.'
            as evidence
    from spikes
),

united as (
    select * from recounted
    union all
    select * from stalled
    union all
    select * from spiked
)

select * from united
