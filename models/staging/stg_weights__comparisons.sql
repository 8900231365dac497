with

source as (
    select * from {{ source('raw', 'weight_comparisons') }}
),

runs as (
    select * from {{ ref('stg_extract__runs') }}
    where status = 'complete'
),

renamed as (
    select
        source.run_id,
        source.model_id,
        lower(source.model_id) as model_key,
        source.other_run_id,
        source.other_model_id,
        lower(source.other_model_id) as other_key,
        source.sketch_digest,
        source.other_sketch_digest,
        source.n_tensors_compared,
        source.n_tensors_equal,
        source.n_values,
        source.n_values_equal,
        source.correlation,
        source.embedding_correlation,
        source.n_units,
        source.t_statistic,
        source.p_value,
        source.distance,
        source.embedding_distance,
        source.norm_distance,
        source.squared_distance,
        source.squared_norm,
        source.other_squared_norm,
        source.distance_as_source,
        source.other_distance_as_source,
        source.norm_growth,
        source.norm_growth_error,
        source.low_rank_share,
        source.share_zero,
        source.other_share_zero,
        source.precision,
        source.other_precision,
        source.n_layers,
        source.other_n_layers,
        source.vocabulary_rows,
        source.other_vocabulary_rows,
        source.kurtosis,
        source.other_kurtosis
    from source
    inner join runs
        on source.run_id = runs.run_id
    inner join runs as other_runs
        on source.other_run_id = other_runs.run_id
)

select * from renamed
