{#- What models state of their parents: relations, who stated them, and both as flags. -#}

{#- The relations that a list of parent tags declares, comma-separated in alphabetical order; null where none is. -#}
{% macro types_of_parent_tags(tags) -%}
    nullif(
        concat_ws(
            ','
            {%- for relation in modelkin.lineage_relations() %},
            case
                when {{ list_size(list_starting_with(tags, 'base_model:' ~ relation ~ ':')) }} > 0 then '{{ relation }}'
            end
            {%- endfor %}
        ),
        ''
    )
{%- endmacro %}


{#-
    Which of the named values a column holds in a group, as a sum of powers of two in their order; other values count
    as none. bit_or puts such sums together, `flags_text` names them again.
-#}
{% macro flags_of(column, values) -%}
    bit_or(
        case {{ column }}
            {%- for value in values %}
            when '{{ value }}' then {{ 2 ** loop.index0 }}
            {%- endfor %}
            else 0
        end
    )
{%- endmacro %}

{#- The values whose flags are set, comma-separated; null where none is. -#}
{% macro flags_text(flags, values) -%}
    nullif(
        concat_ws(
            ','
            {%- for value in values %},
            case when {{ modelkin.has_flag(flags, value, values) }} then '{{ value }}' end
            {%- endfor %}
        ),
        ''
    )
{%- endmacro %}

{#- Whether the flag of one of the values is set. -#}
{% macro has_flag(flags, value, values) -%}
    ({{ flags }} & {{ 2 ** values.index(value) }}) > 0
{%- endmacro %}

{#- The relations and the sources of statements that flags stand for, in the order of the flags. -#}
{% macro lineage_relations() -%}
    {{ return(['adapter', 'finetune', 'merge', 'quantized']) }}
{%- endmacro %}

{% macro lineage_sources() -%}
    {{ return(['api', 'card', 'import', 'tag']) }}
{%- endmacro %}


{#-
    What is read of a statement about a parent. modelkin/lineage_tags.py holds the same rule in Python, and the cases in
    tests/parent_statements.csv hold the two together.
-#}

{#- The word before the colon of RELATION:ID, whether the Hub knows it or not; null for an id alone or an address. -#}
{% macro relation_word(remainder) -%}
    case
        when {{ remainder }} like '%:%'
            then nullif(regexp_extract({{ remainder }}, '^ *([A-Za-z_-]+) *:($|/$|[^/]|/[^/])', 1), '')
    end
{%- endmacro %}

{#- The id in a text: without blanks around it, its address on the Hub, or a slash behind it. -#}
{% macro parent_id_of(text) -%}
    case
        when trim({{ text }}) like '%/' or {{ text }} like '%://%'
            then regexp_replace(
                regexp_replace(
                    trim({{ text }}), '^(?i:https?://(www[.])?(huggingface[.]co|hf[.]co)/)', ''
                ),
                '(/(tree|blob|resolve)/[^?#]*)?/*([?#].*)?$',
                ''
            )
        else trim({{ text }})
    end
{%- endmacro %}

{#- Whether a model can have this id. The length is not part of the pattern: as {1,96} it takes ten times as long. -#}
{% macro is_parent_id(text) -%}
    {{ modelkin.matches_fully(text, '[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)?') }}
    and length({{ modelkin.repository_name(text) }}) <= 96
    and lower({{ text }}) not in ('unknown', 'none', 'null', 'nan', 'n/a', 'na', 'undefined')
{%- endmacro %}
