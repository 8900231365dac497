with

steps as (
    select * from {{ ref('int_counter_steps') }}
    where n_downloaded >= 0
),

summarized as (
    select * from {{ ref('int_models_summarized') }}
),

usual as (
    select
        model_hash,
        count(*) as n_steps,
        median(cast(n_downloaded as double) / n_days) as usual_rate
    from steps
    group by model_hash
),

-- A model alone in its family has no siblings, and is compared with itself only.
rated as (
    select
        steps.model_hash,
        steps.observed_on,
        steps.previous_observed_on,
        steps.n_downloaded,
        steps.n_days,
        usual.usual_rate,
        (cast(steps.n_downloaded as double) / steps.n_days) / greatest(usual.usual_rate, 1) as times_usual,
        coalesce(summarized.inherited_root_hash, steps.model_hash) as root_hash
    from steps
    inner join usual
        on steps.model_hash = usual.model_hash
    inner join summarized
        on steps.model_hash = summarized.model_hash
    where usual.n_steps >= {{ var('spike_min_steps') }}
),

family_steps as (
    select
        root_hash,
        observed_on,
        previous_observed_on,
        count(*) as n_members,
        median(times_usual) as median_times_usual,
        sum(n_downloaded) as n_downloaded
    from rated
    group by root_hash, observed_on, previous_observed_on
),

spikes as (
    select
        rated.model_hash,
        rated.observed_on,
        rated.previous_observed_on,
        rated.n_downloaded,
        rated.usual_rate * rated.n_days as n_usual,
        rated.times_usual,
        family_steps.median_times_usual,
        family_steps.n_members,
        cast(rated.n_downloaded as double) / nullif(family_steps.n_downloaded, 0) as share_of_family
    from rated
    inner join family_steps
        on
            rated.root_hash = family_steps.root_hash
            and rated.observed_on = family_steps.observed_on
            and rated.previous_observed_on = family_steps.previous_observed_on
    where
        rated.n_downloaded >= {{ var('spike_min_downloads') }}
        and rated.times_usual >= {{ var('spike_factor') }}
        -- What its siblings rise by as well is interest in the family.
        and (
            family_steps.n_members < 3
            or rated.times_usual >= {{ var('spike_factor') }} * family_steps.median_times_usual
        )
)

select * from spikes
