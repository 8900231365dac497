with

weights as (
    select * from {{ ref('int_weights_described') }}
),

types as (
    select * from {{ ref('int_model_types') }}
),

-- The files of an adapter hold the adapter alone, while its name often gives the size of its base.
named as (
    select
        weights.*,
        coalesce(types.model_type = 'quantized', false) as is_declared_quantized,
        case when coalesce(types.model_type, 'base') != 'adapter' then {{ params_from_name('weights.model_id') }} end
            as named_params,
        {{ named_size_spread('weights.model_id') }} as named_spread
    from weights
    left join types
        on weights.model_hash = types.model_hash
),

-- How many weights the stored elements hold: read as they are, as eight bits each, and as four.
read_as as (
    select
        *,
        coalesce(gguf_params, named_params) as other_params,
        case when is_packed then n_stored + n_words * 3 else n_stored end as as_eight_bits,
        case when is_packed then n_stored + n_words * 7 + n_bytes else n_stored end as as_four_bits
    from named
),

unpacked as (
    select
        *,
        case
            when other_params is null then as_four_bits
            when
                abs(ln(as_four_bits / other_params)) <= abs(ln(as_eight_bits / other_params))
                and abs(ln(as_four_bits / other_params)) <= abs(ln(n_stored / other_params))
                then as_four_bits
            when abs(ln(as_eight_bits / other_params)) <= abs(ln(n_stored / other_params)) then as_eight_bits
            else n_stored
        end as safetensors_params
    from read_as
),

-- A total that agrees with the types, packed or not, says nothing of its own.
totalled as (
    select
        *,
        case
            when n_stored is null or n_total is null then n_total
            when {{ are_one_size('n_total', 'n_stored') }} or {{ are_one_size('n_total', 'safetensors_params') }}
                then null
            else n_total
        end as total_params
    from unpacked
),

witnesses as (
    select
        model_hash,
        1 as place,
        'safetensors' as source,
        safetensors_params as params,
        safetensors_params as max_params
    from totalled
    where safetensors_params is not null
    union all
    -- Without its types, the total of a quantized model may stand for up to eight times as many weights.
    select
        model_hash,
        2 as place,
        'safetensors total' as source,
        total_params as params,
        total_params as max_params
    from totalled
    where
        total_params is not null
        and not (
            is_declared_quantized
            and n_stored is null
            and {{ may_be_packed('total_params', 'other_params') }}
        )
    union all
    select
        model_hash,
        3 as place,
        'gguf' as source,
        gguf_params as params,
        gguf_params as max_params
    from totalled
    where gguf_params is not null
    union all
    select
        model_hash,
        4 as place,
        'list' as source,
        listed_params as params,
        listed_params as max_params
    from totalled
    where
        listed_params is not null
        and not (
            is_declared_quantized
            and {{ may_be_packed('listed_params', 'named_params') }}
        )
    union all
    select
        model_hash,
        5 as place,
        'name' as source,
        named_params as params,
        named_params * named_spread as max_params
    from totalled
    where named_params is not null
)

select * from witnesses
