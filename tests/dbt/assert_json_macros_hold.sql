{#-
    Each macro that hides a difference between engines gives what its comment promises, over a list of values.
    Every model that calls one relies on it. When it fails, an engine, or a new version of one, reads a macro's
    body otherwise: correct the body in macros/portability/.
-#}
with

subject as (
    select
        '{"text": "a", "list": ["a", "b"], "mixed": ["a", null, 1], "none": [], "number": 7, "null": null,'
        || ' "counts": {"F32": 3, "I8": 4}, "other": "ü"}' as json,
        nullif(upper('a'), 'A') as no_json
),

json_checks as (
    select
        'json_text' as macro,
        {{ json_text('json', 'text') }} = 'a'
        and {{ json_text('json', 'number') }} = '7'
        and {{ json_text('json', 'absent') }} is null
        and {{ json_text('json', 'null') }} is null as holds
    from subject
    union all
    select
        'json_text_list' as macro,
        {{ list_size(json_text_list('json', 'text')) }} = 1
        and {{ list_size(json_text_list('json', 'list')) }} = 2
        and {{ list_first(json_text_list('json', 'list')) }} = 'a'
        and {{ list_size(json_text_list('json', 'mixed')) }} = 3
        and {{ list_last(json_text_list('json', 'mixed')) }} = '1'
        and {{ list_size(json_text_list('json', 'none')) }} = 0
        and {{ list_first(json_text_list('json', 'other')) }} = 'ü'
        and {{ json_text_list('json', 'number') }} is null
        and {{ json_text_list('json', 'counts') }} is null
        and {{ json_text_list('json', 'absent') }} is null
        and {{ json_text_list('json', 'null') }} is null
        and {{ json_text_list('no_json', 'text') }} is null as holds
    from subject
    union all
    select
        'json_number' as macro,
        {{ json_number('json', ['number']) }} = 7
        and {{ json_number('json', ['counts', 'I8']) }} = 4
        and {{ json_number('json', ['text']) }} is null
        and {{ json_number('json', ['absent', 'I8']) }} is null
        and {{ json_number('no_json', ['number']) }} is null as holds
    from subject
    union all
    select
        'json_numbers_sum' as macro,
        {{ json_numbers_sum('json', 'counts') }} = 7
        and {{ json_numbers_sum('json', 'absent') }} is null
        and {{ json_numbers_sum('no_json', 'counts') }} is null as holds
    from subject
    union all
    select
        'model_hash' as macro,
        {{ model_hash("'Owner/Name'") }} = {{ model_hash("'owner/NAME'") }}
        and {{ model_hash("'owner/name'") }} != {{ model_hash("'owner/names'") }}
        and {{ model_hash("nullif('', '')") }} is null as holds
    from subject
),

failed as (
    select macro from json_checks
    where not coalesce(holds, false)
)

select * from failed
