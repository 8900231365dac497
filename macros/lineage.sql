{#-
    Recursion over lineage edges. DuckDB removes duplicates, and sums over paths, at each step;
    Spark's recursive queries only append, so there the removal comes at the end.
-#}

{#- The text of a recursive CTE body: every (descendant_key, ancestor_key) that `edges` connect. Ends on cycles too. -#}
{% macro reachable_pairs(name, edges) -%}
    {{ return(adapter.dispatch('reachable_pairs', 'modelkin')(name, edges)) }}
{%- endmacro %}

{% macro duckdb__reachable_pairs(name, edges) -%}
    select
        child_key as descendant_key,
        parent_key as ancestor_key
    from {{ edges }}
    union
    select
        {{ name }}.descendant_key,
        {{ edges }}.parent_key as ancestor_key
    from {{ name }}
    inner join {{ edges }}
        on {{ name }}.ancestor_key = {{ edges }}.child_key
{%- endmacro %}

{#- Spark bounds a recursion by itself; cycles longer than this many edges are not looked for. -#}
{% macro spark__reachable_pairs(name, edges) -%}
    select
        child_key as descendant_key,
        parent_key as ancestor_key,
        1 as steps
    from {{ edges }}
    union all
    select
        {{ name }}.descendant_key,
        {{ edges }}.parent_key as ancestor_key,
        {{ name }}.steps + 1 as steps
    from {{ name }}
    inner join {{ edges }}
        on {{ name }}.ancestor_key = {{ edges }}.child_key
    where {{ name }}.steps < {{ var('spark_longest_cycle', 8) }}
{%- endmacro %}


{#-
    The text of a recursive CTE body over acyclic `edges` (child_key, parent_key, share): the walks up from
    each model, with their length and the product of the shares along them.
-#}
{% macro walks_up(name, edges) -%}
    {{ return(adapter.dispatch('walks_up', 'modelkin')(name, edges)) }}
{%- endmacro %}

{% macro duckdb__walks_up(name, edges) -%}
    select
        child_key as model_key,
        parent_key as ancestor_key,
        1 as distance,
        share as weight
    from {{ edges }}
    union all
    select
        {{ name }}.model_key,
        {{ edges }}.parent_key as ancestor_key,
        {{ name }}.distance + 1 as distance,
        sum({{ name }}.weight * {{ edges }}.share) as weight
    from {{ name }}
    inner join {{ edges }}
        on {{ name }}.ancestor_key = {{ edges }}.child_key
    group by {{ name }}.model_key, {{ edges }}.parent_key, {{ name }}.distance
{%- endmacro %}

{% macro spark__walks_up(name, edges) -%}
    select
        child_key as model_key,
        parent_key as ancestor_key,
        1 as distance,
        share as weight
    from {{ edges }}
    union all
    select
        {{ name }}.model_key,
        {{ edges }}.parent_key as ancestor_key,
        {{ name }}.distance + 1 as distance,
        {{ name }}.weight * {{ edges }}.share as weight
    from {{ name }}
    inner join {{ edges }}
        on {{ name }}.ancestor_key = {{ edges }}.child_key
{%- endmacro %}


{#-
    The text of three CTEs that name the cycle each edge of `edges` lies in: <prefix>_reach, <prefix>_members and
    <prefix>_edges. A cycle is named by its first member's key; an edge lies in it when both its ends do.
-#}
{% macro cycle_ctes(prefix, edges) -%}
{{ prefix }}_reach as (
    {{ reachable_pairs(prefix ~ '_reach', edges) }}
),

{{ prefix }}_members as (
    select
        forth.descendant_key as member_key,
        min(forth.ancestor_key) as cycle_key
    from {{ prefix }}_reach as forth
    inner join {{ prefix }}_reach as back
        on
            forth.descendant_key = back.ancestor_key
            and forth.ancestor_key = back.descendant_key
    group by forth.descendant_key
),

{{ prefix }}_edges as (
    select
        {{ edges }}.*,
        child_members.cycle_key
    from {{ edges }}
    inner join {{ prefix }}_members as child_members
        on {{ edges }}.child_key = child_members.member_key
    inner join {{ prefix }}_members as parent_members
        on
            {{ edges }}.parent_key = parent_members.member_key
            and child_members.cycle_key = parent_members.cycle_key
)
{%- endmacro %}


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

{#- Whether a model can have this id. The length is no part of the pattern: as {1,96} it takes ten times as long. -#}
{% macro is_parent_id(text) -%}
    {{ modelkin.matches_fully(text, '[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)?') }}
    and length({{ modelkin.repository_name(text) }}) <= 96
    and lower({{ text }}) not in ('unknown', 'none', 'null', 'nan', 'n/a', 'na', 'undefined')
{%- endmacro %}
