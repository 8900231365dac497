with

conflicts as (
    select * from {{ ref('int_import_conflicts') }}
),

final as (
    select
        run_id,
        raw_table,
        model_id,
        base_model_id,
        column_name,
        kept_value,
        refused_value,
        file_name,
        line_number
    from conflicts
)

select * from final
