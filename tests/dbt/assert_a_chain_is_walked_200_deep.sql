{#-
    A chain of 200 generations is walked to its end: every model reaches every one above it, at the right
    distance, with all of its weight. int_lineage_walks relies on it; it is tested here on the macro, as a unit
    test would compare its 20,100 rows one by one. When it fails, an engine bounds its recursion.
-#}
{% set chain -%}
digits as (
    {% for digit in range(10) %}
        select {{ digit }} as digit {{ 'union all' if not loop.last }}
    {% endfor %}
),

numbers as (
    select 100 * hundreds.digit + 10 * tens.digit + ones.digit as number
    from digits as hundreds
    cross join digits as tens
    cross join digits as ones
    where hundreds.digit < 2
),

edges as (
    select
        number + 1 as child_key,
        number as parent_key,
        cast(1 as double) as share
    from numbers
)
{%- endset %}

with recursive

{{ chain }},

{{ walks_up('walks', 'edges', chain) }},

measured as (
    select
        count(*) as n_walks,
        max(distance) as deepest,
        sum(case when distance = model_key - ancestor_key and weight = 1 then 1 else 0 end) as n_right
    from walks
),

wrong as (
    select * from measured
    where
        n_walks != 20100
        or deepest != 200
        or n_right != 20100
)

select * from wrong
