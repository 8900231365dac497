{#- A number lies within 0..1, except for rounding; null is allowed. -#}
{% test is_share(model, column_name) %}
select {{ column_name }}
from {{ model }}
where {{ column_name }} < 0 or {{ column_name }} > 1 + 1e-9 or {{ column_name }} != {{ column_name }}
{% endtest %}
