with

summarized as (
    select * from {{ ref('int_models_summarized') }}
),

observed as (
    select * from {{ ref('int_models_observed') }}
),

unobserved as (
    select * from {{ ref('int_models_unobserved') }}
),

known as (
    select * from {{ ref('int_models_known') }}
),

download_tiers as (
    select * from {{ ref('dim_download_tiers') }}
),

sizes as (
    select * from {{ ref('int_model_sizes') }}
),

inferred_architectures as (
    select * from {{ ref('int_architectures_inferred') }}
),

countries as (
    select
        lower(author) as author_key,
        country
    from {{ ref('vendors') }}
),

described as (
    select
        model_hash,
        model_id,
        author,
        last_modified_at,
        pipeline_tag,
        library_name,
        architecture,
        gated,
        sha,
        {{ has_license_file('siblings') }} as has_license_file,
        run_id
    from observed
    union all
    select
        model_hash,
        model_id,
        null as author,
        null as last_modified_at,
        null as pipeline_tag,
        null as library_name,
        null as architecture,
        null as gated,
        null as sha,
        null as has_license_file,
        null as run_id
    from unobserved
),

-- Most models are their own roots, and need no look at another.
inherited as (
    select
        summarized.model_hash,
        known.model_id as root_id
    from summarized
    inner join known
        on summarized.inherited_root_hash = known.model_hash
),

final as (
    select
        described.model_id,
        coalesce(
            described.author,
            case when described.model_id like '%/%' then split_part(described.model_id, '/', 1) end
        ) as author,
        summarized.model_type,
        summarized.declared_types,
        coalesce(inherited.root_id, case when summarized.is_in_lineage then described.model_id end) as primary_root_id,
        summarized.depth,
        summarized.n_parents,
        summarized.is_observed,
        summarized.is_in_lineage,
        summarized.created_at,
        described.last_modified_at,
        summarized.downloads,
        summarized.likes,
        download_tiers.download_tier,
        described.pipeline_tag,
        described.library_name,
        summarized.license,
        summarized.is_license_known,
        coalesce(described.architecture, inferred_architectures.architecture) as architecture,
        inferred_architectures.architecture is not null as is_architecture_inferred,
        sizes.parameter_count,
        described.gated,
        described.sha,
        summarized.first_observed_on,
        summarized.last_observed_on,
        described.run_id,
        {{ is_floored('summarized.created_at') }} as is_created_at_floored,
        coalesce(sizes.is_disputed, false) as is_size_disputed,
        described.has_license_file,
        countries.country
    from described
    inner join summarized
        on described.model_hash = summarized.model_hash
    left join inherited
        on described.model_hash = inherited.model_hash
    left join sizes
        on described.model_hash = sizes.model_hash
    left join inferred_architectures
        on described.model_hash = inferred_architectures.model_hash
    left join countries
        on
            lower(
                coalesce(
                    described.author,
                    case when described.model_id like '%/%' then split_part(described.model_id, '/', 1) end
                )
            ) = countries.author_key
    left join download_tiers
        on {{ is_in_download_tier('summarized.downloads', 'download_tiers') }}
)

select * from final
