with

absences as (
    select * from {{ ref('int_presence_changes') }}
),

steps as (
    select * from {{ ref('int_counter_steps') }}
),

spikes as (
    select * from {{ ref('int_download_spikes') }}
),

renames as (
    select * from {{ ref('mart_model_renames') }}
),

known as (
    select * from {{ ref('int_models_known') }}
),

renamed_models as (
    select distinct {{ model_hash('model_id') }} as model_hash
    from renames
    where event = 'renamed'
),

renamed as (
    select
        {{ model_hash('model_id') }} as model_hash,
        event,
        cast(next_observed_at as date) as noticed_on,
        cast(last_observed_at as date) as previous_observed_on,
        cast(null as double) as value_before,
        cast(null as double) as value_after,
        cast(null as double) as value_expected,
        case when event = 'renamed' then next_model_id else next_hub_id end as evidence
    from renames
),

deleted as (
    select
        absences.model_hash,
        'deleted' as event,
        absences.missed_on as noticed_on,
        absences.last_observed_on as previous_observed_on,
        cast(null as double) as value_before,
        cast(absences.n_missed as double) as value_after,
        cast(null as double) as value_expected,
        'Missing from whole snapshots in turn; value_after says from how many.' as evidence
    from absences
    left join renamed_models
        on absences.model_hash = renamed_models.model_hash
    where
        renamed_models.model_hash is null
        or absences.next_observed_on is not null
),

returned as (
    select
        model_hash,
        'returned' as event,
        next_observed_on as noticed_on,
        last_observed_on as previous_observed_on,
        cast(null as double) as value_before,
        cast(n_missed as double) as value_after,
        cast(null as double) as value_expected,
        'Seen again; value_after says how many whole snapshots were without it.' as evidence
    from absences
    where next_observed_on is not null
),

recounted as (
    select
        model_hash,
        'recounted' as event,
        observed_on as noticed_on,
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
        observed_on as noticed_on,
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
        observed_on as noticed_on,
        previous_observed_on,
        n_usual as value_before,
        cast(n_downloaded as double) as value_after,
        n_usual * greatest(median_times_usual, 1) as value_expected,
        'Downloaded many times more than is usual for it and than its siblings rose by: it looks like automation.'
            as evidence
    from spikes
),

united as (
    select * from renamed
    union all
    select * from deleted
    union all
    select * from returned
    union all
    select * from recounted
    union all
    select * from stalled
    union all
    select * from spiked
),

final as (
    select
        known.model_id,
        united.event,
        united.noticed_on,
        united.previous_observed_on,
        united.value_before,
        united.value_after,
        united.value_expected,
        united.evidence
    from united
    inner join known
        on united.model_hash = known.model_hash
)

select * from final
