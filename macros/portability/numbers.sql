{#-
    A number rounded and written out, as 0.0001, 0.5 or 12.0; null for null. Spark would write small and large numbers with
    an exponent.
-#}
{% macro rounded_text(number, digits) -%}
    {{ return(adapter.dispatch('rounded_text', 'modelkin')(number, digits)) }}
{%- endmacro %}

{#- Zero is added, so that what is rounded to nothing has no sign. -#}
{% macro duckdb__rounded_text(number, digits) -%}
    cast(round({{ number }}, {{ digits }}) + 0 as string)
{%- endmacro %}

{% macro spark__rounded_text(number, digits) -%}
    regexp_replace(
        cast(cast(round({{ number }}, {{ digits }}) as decimal(38, {{ digits }})) as string), '([.][0-9]+?)0+$', '$1'
    )
{%- endmacro %}
