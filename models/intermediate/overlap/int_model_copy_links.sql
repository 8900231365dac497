with

signatures as (
    select * from {{ ref('int_overlap_signatures') }}
),

weights as (
    select * from {{ ref('int_weights_latest') }}
),

totals as (
    select
        study_id,
        derived_key,
        count(*) as n_parts
    from signatures
    group by study_id, derived_key
),

-- A model is no derived model of its own, so the parts on each other are left out of the comparison.
parts_on_models as (
    select
        study_id,
        derived_key,
        base_key,
        count(*) as n_parts
    from signatures
    group by study_id, derived_key, base_key
),

equals as (
    select
        one.study_id,
        one.derived_key,
        other.derived_key as other_key,
        count(*) as n_equal,
        sum(one.n_values) as n_values,
        max(one.overlap_ratio) as max_overlap
    from signatures as one
    inner join signatures as other
        on
            one.study_id = other.study_id
            and one.base_key = other.base_key
            and one.part = other.part
            and one.signature = other.signature
            and one.derived_key != other.derived_key
    group by one.study_id, one.derived_key, other.derived_key
),

copies as (
    select
        equals.study_id,
        equals.derived_key,
        equals.other_key
    from equals
    inner join totals
        on
            equals.study_id = totals.study_id
            and equals.derived_key = totals.derived_key
    inner join totals as other_totals
        on
            equals.study_id = other_totals.study_id
            and equals.other_key = other_totals.derived_key
    left join parts_on_models as on_other
        on
            equals.study_id = on_other.study_id
            and equals.derived_key = on_other.derived_key
            and equals.other_key = on_other.base_key
    left join parts_on_models as on_this
        on
            equals.study_id = on_this.study_id
            and equals.other_key = on_this.derived_key
            and equals.derived_key = on_this.base_key
    where
        equals.n_equal = totals.n_parts - coalesce(on_other.n_parts, 0)
        and equals.n_equal = other_totals.n_parts - coalesce(on_this.n_parts, 0)
        and equals.n_values >= {{ var('copy_min_values') }}
        and equals.max_overlap >= {{ var('copy_min_overlap') }}
),

identical as (
    select
        one.study_id,
        one.derived_key,
        other.derived_key as other_key
    from totals as one
    inner join weights as one_weights
        on one.derived_key = one_weights.model_key
    inner join weights as other_weights
        on
            one_weights.weights_key = other_weights.weights_key
            and one_weights.model_key != other_weights.model_key
    inner join totals as other
        on
            other_weights.model_key = other.derived_key
            and one.study_id = other.study_id
),

united as (
    select
        study_id,
        derived_key,
        other_key,
        false as is_by_weights
    from copies
    union all
    select
        study_id,
        derived_key,
        other_key,
        true as is_by_weights
    from identical
)

select * from united
