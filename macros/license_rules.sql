{#-
    The rule that decides on each pair of single licences: a select of ancestor_license, license and the rule_order of
    the first row of the seed license_rules that fits, of `pairs` (both licences with their classes). A rule names a
    licence, a class of licences (class:…), every licence (*), or the ancestor's own one (same).
-#}
{% macro rules_of_license_pairs(pairs) -%}
    select
        {{ pairs }}.ancestor_license,
        {{ pairs }}.license,
        min(license_rules.rule_order) as rule_order
    from {{ pairs }}
    inner join license_rules
        on
            license_rules.ancestor_license in (
                {{ pairs }}.ancestor_license, 'class:' || {{ pairs }}.ancestor_class, '*'
            )
            and (
                license_rules.license in ({{ pairs }}.license, 'class:' || {{ pairs }}.license_class, '*')
                or (
                    license_rules.license = 'same'
                    and {{ pairs }}.license = {{ pairs }}.ancestor_license
                    -- Two licences that are not in the list may be two different ones.
                    and {{ pairs }}.license != 'unlisted'
                )
            )
    group by {{ pairs }}.ancestor_license, {{ pairs }}.license
{%- endmacro %}

{#- The class of a licence: of one in the list what the seed says, `none` where none is stated, else `unlisted`. -#}
{% macro license_class(license, listed_class) -%}
    case when {{ license }} = 'none' then 'none' else coalesce({{ listed_class }}, 'unlisted') end
{%- endmacro %}
