{%- set no_counters = 'cast(null as double) as value_before, cast(null as double) as value_after, '
    ~ 'cast(null as double) as value_expected' -%}

with

absences as (
    select * from {{ ref('int_presence_changes') }}
),

counter_events as (
    select * from {{ ref('int_counter_events') }}
),

renames as (
    select * from {{ ref('mart_model_renames') }}
),

inferred as (
    select * from {{ ref('int_renames_inferred') }}
),

known as (
    select * from {{ ref('int_models_known') }}
),

renamed_models as (
    select {{ model_hash('model_id') }} as model_hash
    from renames
    where event = 'renamed'
    union
    select model_hash from inferred
),

renamed as (
    select
        {{ model_hash('model_id') }} as model_hash,
        event,
        cast(next_observed_at as date) as noticed_on,
        cast(last_observed_at as date) as previous_observed_on,
        {{ no_counters }},
        case when event = 'renamed' then next_model_id else next_hub_id end as evidence
    from renames
),

renamed_likely as (
    select
        inferred.model_hash,
        'renamed_likely' as event,
        inferred.next_observed_on as noticed_on,
        inferred.last_observed_on as previous_observed_on,
        {{ no_counters }},
        concat(known.model_id, ' by the rule ', inferred.rule) as evidence
    from inferred
    inner join known
        on inferred.next_model_hash = known.model_hash
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

counted as (
    select
        model_hash,
        event,
        observed_on as noticed_on,
        previous_observed_on,
        value_before,
        value_after,
        value_expected,
        evidence
    from counter_events
),

united as (
    select * from renamed
    union all
    select * from renamed_likely
    union all
    select * from deleted
    union all
    select * from returned
    union all
    select * from counted
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
