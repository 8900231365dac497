with

observations as (
    select * from {{ ref('stg_hub__models') }}
),

models as (
    select * from {{ ref('int_models_latest') }}
),

observed_in_runs as (
    select
        run_id,
        count(*) as n_models
    from observations
    group by run_id
),

newest_in_runs as (
    select
        run_id,
        count(*) as n_models
    from models
    group by run_id
),

-- Of a run that is the newest for all of its models, none is superseded, and none needs to be looked up.
superseded_runs as (
    select observed_in_runs.run_id
    from observed_in_runs
    left join newest_in_runs
        on observed_in_runs.run_id = newest_in_runs.run_id
    where observed_in_runs.n_models > coalesce(newest_in_runs.n_models, 0)
),

candidates as (
    select
        model_hash,
        run_id
    from observations
    where run_id in (select superseded_runs.run_id from superseded_runs)
),

superseded as (
    select
        candidates.model_hash,
        candidates.run_id
    from models
    inner join candidates
        on models.model_hash = candidates.model_hash
    where models.run_id != candidates.run_id
)

select * from superseded
