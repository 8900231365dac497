{%- set outcomes = ['in_conflict', 'dropped', 'unknown', 'changed', 'kept'] -%}

with

chains as (
    select * from {{ ref('int_license_chains') }}
    where is_root
),

known as (
    select * from {{ ref('int_models_known') }}
),

verdicts as (
    select * from {{ ref('mart_license_verdicts') }}
),

members as (
    select
        chains.ancestor_hash,
        min(chains.ancestor_license) as root_license,
        count(*) as n_models,
        {%- for outcome in outcomes %}
            count(*) filter (where chains.outcome = '{{ outcome }}') as n_{{ outcome }},
        {%- endfor %}
        count(*) filter (where verdicts.verdict = 'in_conflict') as n_verdict_in_conflict,
        count(*) filter (where verdicts.has_license_file) as n_with_license_file,
        count(verdicts.has_license_file) as n_files_known
    from chains
    inner join verdicts
        on chains.model_hash = {{ model_hash('verdicts.model_id') }}
    group by chains.ancestor_hash
),

final as (
    select
        known.model_id as family_id,
        members.root_license,
        members.n_models,
        {%- for outcome in outcomes %}
            members.n_{{ outcome }},
        {%- endfor %}
        cast(members.n_kept as double) / nullif(members.n_models - members.n_unknown, 0) as share_kept,
        members.n_verdict_in_conflict,
        members.n_with_license_file,
        members.n_files_known
    from members
    inner join known
        on members.ancestor_hash = known.model_hash
)

select * from final
