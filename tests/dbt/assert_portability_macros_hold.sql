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
        nullif(upper('a'), 'A') as no_json,
        {{ list_of(['x:1', 'x:2', 'y', 'x:1']) }} as list,
        {{ list_of(['y', 'z']) }} as other_list,
        {{ json_text_list("'{\"list\": [\"y\", null]}'", 'list') }} as with_null,
        {{ json_text_list("'{}'", 'list') }} as no_list
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

list_checks as (
    select
        'list_size' as macro,
        {{ list_size('list') }} = 4
        and {{ list_size('with_null') }} = 2
        and {{ list_size(list_starting_with('list', 'q')) }} = 0
        and {{ list_size('no_list') }} is null as holds
    from subject
    union all
    select
        'list_has' as macro,
        {{ list_has('list', "'y'") }}
        and not {{ list_has('list', "'q'") }}
        and not {{ list_has('with_null', "'q'") }}
        and {{ list_has('no_list', "'q'") }} is null as holds
    from subject
    union all
    select
        'list_starting_with' as macro,
        {{ list_size(list_starting_with('list', 'x:')) }} = 3
        and {{ list_size(list_starting_with('list', 'q')) }} = 0
        and {{ list_size(list_not_starting_with('list', 'x:')) }} = 1
        and {{ list_starting_with('no_list', 'x:') }} is null
        and {{ list_not_starting_with('no_list', 'x:') }} is null as holds
    from subject
    union all
    select
        'list_without_prefix' as macro,
        {{ list_first(list_without_prefix('list', 'x:')) }} = '1'
        and {{ list_size(list_without_prefix('list', 'x:')) }} = 3
        and {{ list_without_prefix('no_list', 'x:') }} is null as holds
    from subject
    union all
    select
        'list_distinct' as macro,
        {{ list_size(list_distinct('list')) }} = 3
        and {{ list_size(list_distinct('with_null')) }} = 1
        and {{ list_distinct('no_list') }} is null as holds
    from subject
    union all
    select
        'split_list' as macro,
        {{ list_size(split_list("'a-b--c'", '-')) }} = 4
        and {{ list_first(split_list("'a-b--c'", '-')) }} = 'a' as holds
    from subject
    union all
    select
        'sorted_list_text' as macro,
        {{ sorted_list_text('list') }} = 'x:1,x:1,x:2,y'
        and {{ sorted_list_text('with_null') }} = 'y'
        and {{ sorted_list_text('no_list') }} is null
        and {{ sorted_list_text(list_starting_with('list', 'q')) }} is null as holds
    from subject
    union all
    select
        'joined_texts' as macro,
        {{ joined_texts('text', '; ') }} = 'a; b'
        and {{ joined_texts("nullif(text, text)", '; ') }} is null as holds
    from (select {{ unnested(list_of(['b', 'a', 'b'])) }} as text from subject) as texts
    union all
    select
        'list_first' as macro,
        {{ list_first('list') }} = 'x:1'
        and {{ list_first('no_list') }} is null
        and {{ list_first(list_starting_with('list', 'q')) }} is null as holds
    from subject
    union all
    select
        'list_last' as macro,
        {{ list_last('other_list') }} = 'z'
        and {{ list_last('no_list') }} is null
        and {{ list_last(list_starting_with('list', 'q')) }} is null as holds
    from subject
    union all
    select
        'list_mean' as macro,
        {{ list_mean(list_of([1.0, 2.0, 4.5])) }} = 2.5
        and {{ list_mean('case when false then ' ~ list_of([1.0]) ~ ' end') }} is null as holds
    from subject
    union all
    select
        'matches_fully' as macro,
        {{ matches_fully("'ab1'", '[a-z]+[0-9]') }}
        and not {{ matches_fully("'ab1x'", '[a-z]+[0-9]') }}
        and not {{ matches_fully("'1'", 'a|1b') }}
        and {{ matches_fully("nullif('', '')", 'a') }} is null as holds
    from subject
    union all
    select
        'replace_matches' as macro,
        {{ replace_matches("'a1b22c'", "'[0-9]+'", '-') }} = 'a-b-c'
        and {{ replace_matches("nullif('', '')", "'a'", '-') }} is null as holds
    from subject
    union all
    select
        'joined_lines' as macro,
        length({{ joined_lines('other_list') }}) = 3
        and {{ joined_lines('no_list') }} is null as holds
    from subject
),

unnested as (
    select members.member
    from subject
    {{ cross_join_unnest('subject.list', 'members', 'member') }}
),

members as (
    select {{ unnested('list') }} as member
    from subject
),

placed as (
    select {{ unnested_with_place('list', 'member', 'place') }}
    from subject
),

unnest_checks as (
    select
        'unnested' as macro,
        count(*) = 4 and count(distinct member) = 3 as holds
    from members
    union all
    select
        'unnested_with_place' as macro,
        count(*) = 4
        and sum(place) = 6
        and max(case when member = 'y' then place end) = 2 as holds
    from placed
    union all
    select
        'cross_join_unnest' as macro,
        count(*) = 4 and count(distinct member) = 3 as holds
    from unnested
),

checks as (
    select * from json_checks
    union all
    select * from list_checks
    union all
    select * from unnest_checks
),

failed as (
    select macro from checks
    where not coalesce(holds, false)
)

select * from failed
