{%- set outcomes = ['in_conflict', 'dropped', 'unknown', 'changed', 'kept'] -%}

with

chains as (
    select * from {{ ref('int_license_chains') }}
),

duties as (
    select * from {{ ref('int_license_duties') }}
),

judged_licenses as (
    select * from {{ ref('int_licenses_judged') }}
),

known as (
    select * from {{ ref('int_models_known') }}
),

models as (
    select * from {{ ref('dim_models') }}
),

ranked as (
    select
        chains.*,
        -- The gravest outcome decides, of equal ones the strictest licence, then the nearest ancestor.
        (
            case chains.outcome
                {%- for outcome in outcomes %}
                    when '{{ outcome }}' then {{ loop.index0 }}
                {%- endfor %}
            end * 10 + 5 - coalesce(judged_licenses.strictness, -1)
        ) * 10000 + least(chains.distance, 9999) as place
    from chains
    left join judged_licenses
        on chains.ancestor_license = judged_licenses.license
),

summed as (
    select
        ranked.model_hash,
        min(ranked.place) as place,
        count(*) as n_ancestors,
        {%- for outcome in outcomes %}
            count(*) filter (where ranked.outcome = '{{ outcome }}') as n_{{ outcome }},
        {%- endfor %}
        {%- for duty in license_duties() %}
            {{ any_or_unknown('duties.' ~ duty) }} as {{ duty }},
        {%- endfor %}
        {{ joined_texts('duties.naming_owed', '; ') }} as naming_owed
    from ranked
    left join duties
        on ranked.ancestor_license = duties.license
    group by ranked.model_hash
),

deciding as (
    select
        summed.model_hash,
        min(known.model_id) as ancestor_model_id
    from summed
    inner join ranked
        on
            summed.model_hash = ranked.model_hash
            and summed.place = ranked.place
    inner join known
        on ranked.ancestor_hash = known.model_hash
    group by summed.model_hash
),

decided as (
    select
        summed.*,
        deciding.ancestor_model_id,
        ranked.ancestor_license,
        ranked.distance,
        ranked.outcome,
        ranked.rule,
        ranked.reason
    from summed
    inner join deciding
        on summed.model_hash = deciding.model_hash
    inner join ranked
        on
            summed.model_hash = ranked.model_hash
            and {{ model_hash('deciding.ancestor_model_id') }} = ranked.ancestor_hash
),

final as (
    select
        models.model_id,
        {{ stated_license('models.license', 'models.is_license_known') }} as license,
        models.has_license_file,
        coalesce(decided.outcome, 'no_ancestors') as verdict,
        decided.rule,
        decided.reason,
        decided.ancestor_model_id,
        decided.ancestor_license,
        decided.distance,
        coalesce(decided.n_ancestors, 0) as n_ancestors,
        {%- for outcome in outcomes %}
            coalesce(decided.n_{{ outcome }}, 0) as n_{{ outcome }},
        {%- endfor %}
        {%- for duty in license_duties() %}
            case when decided.n_ancestors > 0 then decided.{{ duty }} else false end as {{ duty }},
        {%- endfor %}
        decided.naming_owed
    from models
    left join decided
        on {{ model_hash('models.model_id') }} = decided.model_hash
)

select * from final
