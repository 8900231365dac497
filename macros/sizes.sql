{#- Sizes of models compared; macros/model_names.sql reads them in names. -#}

{#-
    Whether two sizes are one within the factor `size_ratio_same`; a size that is given as a range is one with all in
    it.
-#}
{% macro are_one_size(one, other, one_greatest=none, other_greatest=none) -%}
    greatest({{ one }}, {{ other }})
    <= {{ var('size_ratio_same') }} * least({{ one_greatest or one }}, {{ other_greatest or other }})
{%- endmacro %}


{#- Whether a count of elements is too small for a size, but not for one whose weights are packed by up to eight. -#}
{% macro may_be_packed(n_elements, params) -%}
    coalesce(
        {{ params }} > {{ var('size_ratio_same') }} * {{ n_elements }}
        and {{ params }} <= 8 * {{ var('size_ratio_same') }} * {{ n_elements }},
        false
    )
{%- endmacro %}
