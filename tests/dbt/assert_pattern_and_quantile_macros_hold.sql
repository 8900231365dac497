{#-
    Replacing by a pattern, joining patterns and quantiles give on each engine what their comments promise. Formats in
    names and the Tukey fence rely on it. When it fails, correct the macro's body in macros/portability.
-#}
with

numbered as (
    {% for number, word in [(1, "'b'"), (2, "'abc'"), (4, "'a'"), (9, 'null')] %}
        {% if not loop.first %}union all{% endif %}
        select
            cast({{ number }} as double) as number,
            cast({{ word }} as string) as word
    {% endfor %}
),

checks as (
    select
        'replace_matches' as macro,
        {{ replace_matches("'a1b22c'", "'[0-9]+'", '-') }} = 'a-b-c'
        and {{ replace_matches("'abc'", "'[0-9]+'", '-') }} = 'abc' as holds
    union all
    select
        'alternatives' as macro,
        {{ alternatives('word') }} = 'abc|a|b' as holds
    from numbered
    union all
    select
        'quantile' as macro,
        {{ quantile('number', 0.25) }} = 1.75 and {{ quantile('number', 0.5) }} = 3 as holds
    from numbered
),

failed as (
    select macro from checks
    where not coalesce(holds, false)
)

select * from failed
