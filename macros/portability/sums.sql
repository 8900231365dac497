{#-
    A sum that is the same to the last digit in every build. Threads add in any order, and the last digits of a sum of
    doubles depend on the order; decimals add exactly. Of every value `digits` behind the point are kept, and 38 less
    `digits` before it.
-#}
{% macro exact_sum(value, digits=15) -%}
    cast(sum(cast({{ value }} as decimal(38, {{ digits }}))) as double)
{%- endmacro %}


{#- The mean of the values that are not null, added exactly; null where there are none. -#}
{% macro exact_mean(value, digits=15) -%}
    {{ exact_sum(value, digits) }} / nullif(count({{ value }}), 0)
{%- endmacro %}


{#- The sample standard deviation, whose steps are taken in one order wherever the engine lets an aggregate have one. -#}
{% macro exact_stddev(value) -%}
    {{ return(adapter.dispatch('exact_stddev')(value)) }}
{%- endmacro %}

{% macro default__exact_stddev(value) -%}
    stddev_samp({{ value }})
{%- endmacro %}

{% macro duckdb__exact_stddev(value) -%}
    stddev_samp({{ value }} order by {{ value }})
{%- endmacro %}
