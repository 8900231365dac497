{#- An expression over the columns of a row is true in every row; null counts as false. -#}
{% test expression_holds(model, expression) %}
select *
from {{ model }}
where not coalesce({{ expression }}, false)
{% endtest %}
