{#-
    Each macro that hides a difference between engines gives what its comment promises, over a list of values.
    Every model that calls one relies on it. When it fails, an engine, or a new version of one, reads a macro's
    body otherwise: correct the body in macros/portability/.
-#}
with

subject as (
    select {{ list_of(['x:1', 'x:2', 'y', 'x:1']) }} as list
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

failed as (
    select macro from unnest_checks
    where not coalesce(holds, false)
)

select * from failed
