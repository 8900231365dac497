with

corrected as (
    select * from {{ ref('int_weight_pairs_corrected') }}
),

told as (
    select
        *,
        n_tensors_equal / nullif(n_tensors_compared, 0) as share_equal,
        n_values_equal / nullif(n_values, 0) as share_values_equal,
        case
            when p_holm is not null
                then p_holm < {{ var('kinship_p_below') }} and correlation >= {{ var('kinship_correlation_from') }}
        end as is_kin
    from corrected
),

judged as (
    select
        *,
        case
            when is_kin is null then null
            when not is_kin then 'independent'
            when
                n_tensors_equal = n_tensors_compared
                and coalesce(norm_distance, 0) = 0
                and n_layers = other_n_layers
                and coalesce(vocabulary_rows = other_vocabulary_rows, true)
                then 'copy'
            when n_layers != other_n_layers then 'layers_dropped'
            when vocabulary_rows != other_vocabulary_rows then 'vocabulary_grown'
            when abs(share_zero - other_share_zero) > 0.02 then 'pruned'
            when
                least(distance_as_source, other_distance_as_source) < 0.05 * distance
                then case
                    when
                        precision in ('float32', 'float16', 'bfloat16')
                        and other_precision in ('float32', 'float16', 'bfloat16')
                        then 'recast'
                    else 'quantized'
                end
            when
                low_rank_share > 0.95
                and coalesce(embedding_distance, 0) = 0
                and coalesce(norm_distance, 0) = 0
                then 'low_rank'
            else 'full'
        end as change_kind
    from told
),

explained as (
    select
        *,
        case change_kind
            when 'copy' then 'All compared tensors hold the same values.'
            when 'layers_dropped'
                then concat(
                    cast(n_layers as string), ' layers against ', cast(other_n_layers as string), '.'
                )
            when 'vocabulary_grown'
                then concat(
                    cast(vocabulary_rows as string), ' tokens against ', cast(other_vocabulary_rows as string), '.'
                )
            when 'pruned'
                then concat(
                    'Zeros are ', {{ rounded_text('100 * share_zero', 1) }}, ' % of the first and ',
                    {{ rounded_text('100 * other_share_zero', 1) }}, ' % of the second.'
                )
            when 'recast'
                then concat(
                    'Rounding explains the difference: ', precision, ' against ', other_precision, '.'
                )
            when 'quantized'
                then concat(
                    'Rounding explains the difference: ', precision, ' against ', other_precision, '.'
                )
            when 'low_rank'
                then concat(
                    'Embeddings and norms are equal, and a quarter of the directions holds ',
                    {{ rounded_text('100 * low_rank_share', 1) }}, ' % of the difference.'
                )
            when 'full'
                then concat(
                    'Relative distance ', {{ rounded_text('distance', 4) }}, '; ',
                    {{ rounded_text('100 * share_equal', 1) }}, ' % of the tensors are equal.'
                )
            when 'independent' then concat(
                'Correlation ', {{ rounded_text('correlation', 4) }}, ', p corrected over all pairs ',
                {{ rounded_text('p_holm', 3) }}, '.'
            )
        end as change_evidence
    from judged
)

select * from explained
