{#- What the name of a repository says of its model. All take a model id, owner/name or name alone. -#}

{#- The name without its owner, in lower case. -#}
{% macro repository_name(model_id) -%}
    lower(coalesce(nullif(split_part({{ model_id }}, '/', 2), ''), {{ model_id }}))
{%- endmacro %}


{#-
    Parameters by the name: 7B, 0.5b and 1b7 (1.7 thousand million), 270m (million). The first that is written counts;
    null where there is none. 4bit and 32k are no sizes: what follows the letter must not be another letter or digit.
-#}
{% macro params_from_name(model_id) -%}
    {%- set name = modelkin.repository_name(model_id) -%}
    {%- set billions = '(?:^|[^0-9.])([0-9]+(?:[.][0-9]+)?)b([0-9]?)(?:[^0-9a-z]|$)' -%}
    {%- set millions = '(?:^|[^0-9.])([0-9]+(?:[.][0-9]+)?)m(?:[^0-9a-z]|$)' -%}
    coalesce(
        cast(
            nullif(
                regexp_extract({{ name }}, '{{ billions }}', 1)
                || case
                    when regexp_extract({{ name }}, '{{ billions }}', 2) = '' then ''
                    else '.' || regexp_extract({{ name }}, '{{ billions }}', 2)
                end,
                ''
            ) as double
        ) * 1e9,
        cast(nullif(regexp_extract({{ name }}, '{{ millions }}', 1), '') as double) * 1e6
    )
{%- endmacro %}
