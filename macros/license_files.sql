{#-
    Whether a repository holds the text of a licence: a file LICENSE, LICENCE, UNLICENSE or COPYING at its root, in any
    case, with words around it and the ending of a text (MODEL_LICENSE, license.md, LICENSE-APACHE-2.0), or any in a
    folder of licences. NOTICE and USE_POLICY are no licences. Null where the list of files is not known.
-#}
{% macro has_license_file(siblings) -%}
    {%- set names = "lower(" ~ modelkin.joined_lines(siblings) ~ ")" -%}
    {%- set word = '(?:un)?licen[cs]e|copying' -%}
    {%- set around = '(?:[a-z0-9.]+[-_ ])*' -%}
    {%- set after = '(?:[-_ ][a-z0-9]+(?:[.][0-9]+)*)*' -%}
    {%- set ending = '(?:[.](?:txt|text|md|rst|rtf|pdf|html?|docx?|mit|apache|bsd|lesser|[al]?gpl))?' -%}
    case
        when {{ siblings }} is null then null
        -- Looking for the word as text first spares most repositories the pattern.
        when {{ names }} not like '%licen%' and {{ names }} not like '%copying%' then false
        else {{ modelkin.matches_somewhere(
            names, "'(?:^|\\n)(?:licen[cs]es/[^\\n]+|" ~ around ~ "(?:" ~ word ~ ")" ~ after ~ ending ~ ")(?:\\n|$)'"
        ) }}
    end
{%- endmacro %}
