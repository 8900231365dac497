{#- A view: whoever compares parents with children reads a few columns, and the joins cost less than the table. -#}
{{ config(materialized='view') }}

with

edges as (
    select * from {{ ref('fct_lineage_edges') }}
),

models as (
    select * from {{ ref('dim_models') }}
),

final as (
    select
        edges.parent_model_id,
        edges.child_model_id,
        edges.relation,
        edges.lag_days,
        parents.model_type as parent_type,
        parents.author as parent_author,
        parents.license as parent_license,
        parents.pipeline_tag as parent_task,
        parents.is_observed as is_parent_observed,
        children.author as child_author,
        children.license as child_license,
        children.pipeline_tag as child_task,
        children.is_observed as is_child_observed,
        children.downloads as child_downloads
    from edges
    inner join models as parents
        on edges.parent_model_id = parents.model_id
    inner join models as children
        on edges.child_model_id = children.model_id
)

select * from final
