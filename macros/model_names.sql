{#- What the name of a repository says of its model. All take a model id, owner/name or name alone. -#}

{#- The name without its owner, in lower case. -#}
{% macro repository_name(model_id) -%}
    lower(coalesce(nullif(split_part({{ model_id }}, '/', 2), ''), {{ model_id }}))
{%- endmacro %}


{#-
    Parameters by the name: 7B, 0.5b and 1b7 (1.7 thousand million), 270m (million). The first that is written counts;
    null where there is none. 4bit and 32k are not sizes: what follows the letter must not be another letter or digit.
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


{#-
    By how much the size in a name may be exceeded. 8x7B names eight experts that share a part of their weights, so the
    whole is up to eight times as large. A3B and E4B say how much of the model works at once: the whole is larger.
-#}
{% macro named_size_spread(model_id) -%}
    {%- set name = modelkin.repository_name(model_id) -%}
    {%- set first_size = '(?:^|[^0-9a-z.])([ae]?)[0-9]+(?:[.][0-9]+)?b[0-9]?(?:[^0-9a-z]|$)' -%}
    coalesce(
        cast(nullif(regexp_extract({{ name }}, '(?:^|[^0-9])([0-9]{1,3})x[0-9]+(?:[.][0-9]+)?[bm]', 1), '') as double),
        case when regexp_extract({{ name }}, '{{ first_size }}', 1) in ('a', 'e') then 64 else 1 end
    )
{%- endmacro %}


{#- The words and numbers of the name, as a list; a number keeps the b or m that makes it a size. -#}
{% macro name_words(model_id) -%}
    regexp_extract_all({{ modelkin.repository_name(model_id) }}, '[0-9]+(?:[.][0-9]+)*[bm]?|[a-z]+', 0)
{%- endmacro %}


{#-
    The name with hyphens for its separators and around it; dots stay, for they stand in versions and sizes too.
-#}
{% macro hyphenated_name(model_id) -%}
    '-' || {{ modelkin.replace_matches(modelkin.repository_name(model_id), "'[^a-z0-9.]+'", '-') }} || '-'
{%- endmacro %}


{#-
    A hyphenated name with # for each format in it. `patterns` is one regular expression, the formats of the seed
    quantization_formats joined by |. Neighbours share the hyphen between them, so a second pass finds the others.
-#}
{% macro with_formats_marked(hyphenated_name, patterns) -%}
    {%- set format = "'[-.](' || " ~ patterns ~ " || ')[-.]'" -%}
    {{ modelkin.replace_matches(modelkin.replace_matches(hyphenated_name, format, '-#-'), format, '-#-') }}
{%- endmacro %}


{#-
    Whether the owner is who the name is called after, as in Qwen/Qwen2.5-7B: the name's first word, of four letters
    or more, is in the owner's. An id without an owner is named after none.
-#}
{% macro is_named_after_owner(model_id) -%}
    {%- set first_word = "regexp_extract(" ~ modelkin.repository_name(model_id) ~ ", '[a-z]+', 0)" -%}
    {{ dbt.position("'/'", model_id) }} > 0
    and length({{ first_word }}) >= 4
    and {{ dbt.position(first_word, "lower(split_part(" ~ model_id ~ ", '/', 1))") }} > 0
{%- endmacro %}
