with

models as (
    select * from {{ ref('int_models_observed') }}
),

-- Counts of 0 are no counts.
counted as (
    select
        model_hash,
        model_id,
        gguf is not null as has_gguf,
        safetensors is not null as has_safetensors,
        case when gguf is null and safetensors is null then nullif(cast(parameter_count as double), 0) end
            as listed_params,
        nullif(greatest({{ json_number('gguf', ['total']) }}, 0), 0) as gguf_params,
        nullif(greatest({{ json_number('safetensors', ['total']) }}, 0), 0) as n_total,
        nullif(greatest({{ json_numbers_sum('safetensors', 'parameters') }}, 0), 0) as n_stored,
        coalesce({{ json_number('safetensors', ['parameters', 'I32']) }}, 0)
        + coalesce({{ json_number('safetensors', ['parameters', 'U32']) }}, 0) as n_words,
        coalesce({{ json_number('safetensors', ['parameters', 'U8']) }}, 0) as n_bytes,
        coalesce({{ json_number('safetensors', ['parameters', 'I8']) }}, 0)
        + coalesce({{ json_number('safetensors', ['parameters', 'F8_E4M3']) }}, 0)
        + coalesce({{ json_number('safetensors', ['parameters', 'F8_E5M2']) }}, 0) as n_low
    from models
    where
        parameter_count is not null
        or gguf is not null
        or safetensors is not null
),

-- Buffers such as position numbers and masks are integers too, but few: an eighth of all elements is weights.
described as (
    select
        model_hash,
        model_id,
        has_gguf,
        has_safetensors,
        listed_params,
        gguf_params,
        n_total,
        n_stored,
        n_words,
        n_bytes,
        coalesce(8 * (n_words + n_bytes) > n_stored, false) as is_packed,
        coalesce(8 * (n_words + n_bytes + n_low) > n_stored, false) as is_quantized
    from counted
)

select * from described
