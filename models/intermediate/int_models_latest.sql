with

models as (
    select * from {{ ref('stg_hub__models') }}
),

-- An imported list knows less of a model than the Hub does, so it counts only where the Hub was not asked.
ranked as (
    select
        *,
        row_number() over (
            partition by model_key
            order by
                case when run_source = 'import' then 1 else 0 end,
                observed_at desc,
                run_id desc
        ) as recency
    from models
),

latest as (
    select * from ranked
    where recency = 1
)

select * from latest
