{#-
    A licence as the marts group by it: `none` where the model states none, `unknown` where no source said whether it
    does. The two are different: only the first is a fact about the model.
-#}
{% macro stated_license(license, is_known) -%}
    coalesce({{ license }}, case when {{ is_known }} then 'none' else 'unknown' end)
{%- endmacro %}
