{#-
    Each macro that hides a difference between engines gives what its comment promises, over a list of values.
    Every model that calls one relies on it. When it fails, an engine, or a new version of one, reads a macro's
    body otherwise: correct the body in macros/portability/.
-#}
with

subject as (
    select
        '{"text": "a", "list": ["a", "b"], "number": 7, "null": null}' as json,
        {{ list_of(['x:1', 'x:2', 'y', 'x:1']) }} as list,
        {{ list_of(['y', 'z']) }} as other_list
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
        and coalesce({{ list_size(json_text_list('json', 'absent')) }}, 0) = 0 as holds
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
        'list_starting_with' as macro,
        {{ list_size(list_starting_with('list', 'x:')) }} = 3
        and {{ list_size(list_starting_with('list', 'q')) }} = 0
        and {{ list_size(list_not_starting_with('list', 'x:')) }} = 1 as holds
    from subject
    union all
    select
        'list_distinct' as macro,
        {{ list_size(list_distinct('list')) }} = 3 as holds
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
        and {{ sorted_list_text(list_starting_with('list', 'q')) }} is null as holds
    from subject
    union all
    select
        'list_first' as macro,
        {{ list_first('list') }} = 'x:1'
        and {{ list_first(list_starting_with('list', 'q')) }} is null as holds
    from subject
    union all
    select
        'list_last' as macro,
        {{ list_last('other_list') }} = 'z'
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
        and not {{ matches_fully("'1'", 'a|1b') }} as holds
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
