{#-
    Each macro that hides a difference between engines gives what its comment promises, over a list of values.
    Every model that calls one relies on it. When it fails, an engine, or a new version of one, reads a macro's
    body otherwise: correct the body in macros/portability/.
-#}
with

subject as (
    select
        {{ list_of(['x:1', 'x:2', 'y', 'x:1']) }} as list,
        {{ list_of(['y', 'z']) }} as other_list,
        {{ json_text_list("'{\"list\": [\"y\", null]}'", 'list') }} as with_null,
        {{ json_text_list("'{}'", 'list') }} as no_list
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
        'rounded_text' as macro,
        {{ rounded_text('cast(-0.00007 as double)', 4) }} = '-0.0001'
        and {{ rounded_text('cast(-0.00001 as double)', 4) }} = '0.0'
        and {{ rounded_text('cast(1 as double)', 3) }} = '1.0'
        and {{ rounded_text('cast(12.54 as double)', 1) }} = '12.5'
        and {{ rounded_text('cast(null as double)', 1) }} is null as holds
    from subject
    union all
    select
        'joined_lines' as macro,
        length({{ joined_lines('other_list') }}) = 3
        and {{ joined_lines('no_list') }} is null as holds
    from subject
),

failed as (
    select macro from list_checks
    where not coalesce(holds, false)
)

select * from failed
