{#-
    Whether a date of creation is the Hub's earliest one: 2022-03-02T23:29:04Z stands for that moment and all before
    it. Recorded answers give the next second for some repositories of the years before, so both count. A source that
    keeps only days writes the day of it. The repository may be older by years, never younger.
-#}
{% macro is_floored(created_at) -%}
    coalesce(
        {{ created_at }} >= cast('2022-03-02 23:29:04' as timestamp)
        and {{ created_at }} < cast('2022-03-02 23:29:06' as timestamp)
        or {{ created_at }} = cast('2022-03-02 00:00:00' as timestamp),
        false
    )
{%- endmacro %}
