{#- Each of the named columns lies within 0..1, except for rounding; null is allowed. One pass over the table for all. -#}
{% test are_shares(model, columns) %}
select {{ columns | join(', ') }}
from {{ model }}
where
    false
    {%- for column in columns %}
    or {{ column }} < 0 or {{ column }} > 1 + 1e-9 or {{ column }} != {{ column }}
    {%- endfor %}
{% endtest %}
