with

absences as (
    select * from {{ ref('int_presence_changes') }}
),

observed as (
    select * from {{ ref('int_models_observed') }}
),

downloads as (
    select * from {{ ref('int_downloads_latest') }}
),

sightings as (
    select * from {{ ref('int_hub_ids_sighted') }}
),

with_hub_id as (
    select distinct model_hash from sightings
),

absent as (
    select
        model_hash,
        last_observed_on,
        missed_on
    from absences
    where next_observed_on is null
),

-- A moment says something only where the source gives it to the second, and the Hub did not make it up.
dated as (
    select
        observed.model_hash,
        observed.created_at,
        lower(split_part(observed.model_id, '/', 1)) as owner,
        lower(split_part(observed.model_id, '/', 2)) as repository,
        observed.sha,
        downloads.first_observed_on,
        with_hub_id.model_hash is not null as has_hub_id
    from observed
    inner join downloads
        on observed.model_hash = downloads.model_hash
    left join with_hub_id
        on observed.model_hash = with_hub_id.model_hash
    where
        observed.created_at > cast(cast(observed.created_at as date) as timestamp)
        and not {{ is_floored('observed.created_at') }}
),

-- Where the Hub's own id is known of both, it decides, and nothing is left to infer.
pairs as (
    select
        gone.model_hash,
        come.model_hash as next_model_hash,
        absent.last_observed_on,
        come.first_observed_on as next_observed_on,
        gone.owner = come.owner as is_same_owner,
        gone.sha is not null and gone.sha = come.sha as is_same_commit,
        gone.repository != '' and gone.repository = come.repository as is_same_name
    from absent
    inner join dated as gone
        on absent.model_hash = gone.model_hash
    inner join dated as come
        on
            gone.created_at = come.created_at
            and gone.model_hash != come.model_hash
    where
        come.first_observed_on > absent.last_observed_on
        and not (gone.has_hub_id and come.has_hub_id)
),

weighed as (
    select
        *,
        case when is_same_commit then 2 else 0 end
        + case when is_same_owner then 1 else 0 end
        + case when is_same_name then 1 else 0 end as n_agreeing
    from pairs
),

best as (
    select
        *,
        rank() over (partition by model_hash order by n_agreeing desc) as place_of_next,
        rank() over (partition by next_model_hash order by n_agreeing desc) as place_of_model
    from weighed
    where n_agreeing > 0
),

counted as (
    select
        *,
        count(*) over (partition by model_hash) as n_next,
        count(*) over (partition by next_model_hash) as n_models
    from best
    where
        place_of_next = 1
        and place_of_model = 1
),

-- Of several that are as likely, none is told.
final as (
    select
        model_hash,
        next_model_hash,
        last_observed_on,
        next_observed_on,
        case
            when is_same_commit then 'same_creation_and_commit'
            when is_same_owner then 'same_creation_and_owner'
            else 'same_creation_and_name'
        end as rule
    from counted
    where
        n_next = 1
        and n_models = 1
)

select * from final
