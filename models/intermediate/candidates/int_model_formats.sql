with

models as (
    select * from {{ ref('int_model_traits') }}
),

weights as (
    select * from {{ ref('int_weights_described') }}
),

quantization_formats as (
    select * from {{ ref('quantization_formats') }}
),

patterns as (
    select
        {{ alternatives("case when seen_in = 'name' then pattern end") }} as in_names,
        {{ alternatives("case when seen_in in ('name', 'tag') and kind = 'quantization' then pattern end") }}
            as quantizations,
        {{ alternatives("case when seen_in in ('name', 'tag') and kind = 'container' then pattern end") }}
            as containers,
        {{ alternatives("case when kind = 'copy' then pattern end") }} as copies
    from quantization_formats
),

hyphenated as (
    select
        model_key,
        {{ hyphenated_name('model_id') }} as hyphenated_name
    from models
),

marked as (
    select
        hyphenated.model_key,
        hyphenated.hyphenated_name,
        {{ with_formats_marked('hyphenated.hyphenated_name', 'patterns.in_names') }} as marked_name,
        patterns.copies
    from hyphenated
    cross join patterns
),

tagged as (
    select
        model_key,
        {{ unnested('tags') }} as tag
    from models
    union
    select
        model_key,
        library_name as tag
    from models
    where library_name is not null
),

distinct_tags as (
    select distinct
        tag,
        {{ replace_matches('lower(tag)', "'[^a-z0-9.]+'", '-') }} as hyphenated_tag
    from tagged
),

tags_read as (
    select
        distinct_tags.tag,
        {{ matches_somewhere('distinct_tags.hyphenated_tag', "'^(' || patterns.quantizations || ')$'") }}
            as is_quantization,
        {{ matches_somewhere('distinct_tags.hyphenated_tag', "'^(' || patterns.containers || ')$'") }}
            as is_container,
        distinct_tags.hyphenated_tag in ('safetensors', 'pytorch') as is_whole
    from distinct_tags
    cross join patterns
),

told_by_tags as (
    select
        tagged.model_key,
        max(case when tags_read.is_quantization then 1 else 0 end) = 1
        or (
            max(case when tags_read.is_container then 1 else 0 end) = 1
            and max(case when tags_read.is_whole then 1 else 0 end) = 0
        ) as is_converted
    from tagged
    inner join tags_read
        on tagged.tag = tags_read.tag
    group by tagged.model_key
),

read_back as (
    select
        marked.model_key,
        replace(marked.hyphenated_name, '.', '-') as hyphenated_name,
        -- A name of formats alone stays as it is.
        case
            when replace(marked.marked_name, '-#', '') = '-' then marked.hyphenated_name
            else replace(marked.marked_name, '-#', '')
        end as plain_name,
        length(marked.marked_name) - length(replace(marked.marked_name, '#', '')) as n_formats,
        marked.copies,
        coalesce(told_by_tags.is_converted, false) as is_converted_by_tags,
        coalesce(weights.is_quantized or (weights.has_gguf and not weights.has_safetensors), false)
            as is_converted_by_weights
    from marked
    left join told_by_tags
        on marked.model_key = told_by_tags.model_key
    left join weights
        on {{ model_hash('marked.model_key') }} = weights.model_hash
),

final as (
    select
        model_key,
        hyphenated_name,
        plain_name,
        {{ name_of_contents('plain_name', 'copies') }} as contents,
        n_formats,
        is_converted_by_tags,
        is_converted_by_weights,
        n_formats > 0 as is_converted_by_name,
        n_formats > 0 or is_converted_by_tags or is_converted_by_weights as is_converted
    from read_back
)

select * from final
