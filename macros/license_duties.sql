{#- Duties of licences, as flags: true, false, or null where it is not known. -#}

{#- What a licence may ask of what is made from a model. -#}
{% macro license_duties() -%}
    {{ return([
        'is_notice_owed', 'is_attribution_owed', 'is_same_license_owed', 'is_use_restricted',
        'is_commercial_use_forbidden',
    ]) }}
{%- endmacro %}

{#- An aggregate: a flag on which all rows agree, else null. -#}
{% macro agreed(flag) -%}
    case
        when count(*) filter (where {{ flag }}) = count(*) then true
        when count(*) filter (where not {{ flag }}) = count(*) then false
    end
{%- endmacro %}

{#- An aggregate: whether a flag is set in any row; null where none is known to be, and one is not known. -#}
{% macro any_or_unknown(flag) -%}
    case
        when count(*) filter (where {{ flag }}) > 0 then true
        when count(*) filter (where not {{ flag }}) = count(*) then false
    end
{%- endmacro %}
