{{ config(materialized='view') }}

with

conflicts as (
    select * from {{ ref('stg_import__conflicts') }}
),

listed as (
    select
        run_id,
        raw_table,
        model_id,
        other_model_id as base_model_id,
        column_name,
        kept_value,
        refused_value,
        file_name,
        line_number
    from conflicts
)

select * from listed
