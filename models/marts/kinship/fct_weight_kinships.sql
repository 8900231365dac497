with

pairs as (
    select * from {{ ref('int_weight_pairs_judged') }}
),

known as (
    select * from {{ ref('int_models_known') }}
),

final as (
    select
        models.model_id,
        others.model_id as other_model_id,
        pairs.n_tensors_compared,
        pairs.n_tensors_equal,
        pairs.share_equal,
        pairs.n_values,
        pairs.share_values_equal,
        pairs.correlation,
        pairs.embedding_correlation,
        pairs.n_units,
        pairs.t_statistic,
        pairs.p_value,
        pairs.p_holm,
        pairs.p_bh,
        pairs.is_kin,
        pairs.change_kind,
        pairs.change_evidence,
        pairs.distance,
        pairs.embedding_distance,
        pairs.norm_distance,
        pairs.squared_distance,
        pairs.squared_norm,
        pairs.other_squared_norm,
        pairs.distance_as_source,
        pairs.other_distance_as_source,
        pairs.norm_growth,
        pairs.norm_growth_error,
        pairs.low_rank_share,
        pairs.share_zero,
        pairs.other_share_zero,
        pairs.precision,
        pairs.other_precision,
        pairs.n_layers,
        pairs.other_n_layers,
        pairs.vocabulary_rows,
        pairs.other_vocabulary_rows,
        pairs.kurtosis,
        pairs.other_kurtosis
    from pairs
    inner join known as models
        on pairs.model_hash = models.model_hash
    inner join known as others
        on pairs.other_hash = others.model_hash
)

select * from final
