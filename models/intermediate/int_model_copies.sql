{#-
    Models that no measurement of a study tells apart: equal on every part, for every base but the two themselves.
    Equality of a few small scores is chance (an overlap of 0.004 of 2,000 ids is one of a dozen values), so a copy
    needs `copy_min_values` equal values and a base that one of them still resembles by `copy_min_overlap`. The most
    downloaded of a group speaks for it, then one named after its owner, then the first by id.
-#}
with

pairs as (
    select * from {{ ref('int_overlaps_united') }}
),

downloads as (
    select * from {{ ref('int_downloads_latest') }}
),

traits as (
    select * from {{ ref('int_model_traits') }}
),

signatures as (
    select * from {{ ref('int_overlap_signatures') }}
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

downloaded as (
    select
        pairs.study_id,
        pairs.derived_key,
        coalesce(max(pairs.derived_downloads), max(downloads.downloads), -1) as downloads
    from pairs
    left join downloads
        on pairs.derived_key = downloads.model_key
    group by pairs.study_id, pairs.derived_key
),

members as (
    select
        study_id,
        derived_key,
        other_key as member_key
    from copies
    union
    select
        study_id,
        derived_key,
        derived_key as member_key
    from copies
),

-- Equality is transitive, so all members of a group agree on the one that speaks for it.
ranked as (
    select
        members.study_id,
        members.derived_key,
        members.member_key as copy_group_key,
        row_number() over (
            partition by members.study_id, members.derived_key
            order by
                downloaded.downloads desc,
                case when traits.is_named_after_owner then 0 else 1 end,
                members.member_key asc
        ) as place
    from members
    inner join traits
        on members.member_key = traits.model_key
    inner join downloaded
        on
            members.study_id = downloaded.study_id
            and members.member_key = downloaded.derived_key
),

grouped as (
    select
        study_id,
        derived_key,
        copy_group_key
    from ranked
    where place = 1
)

select * from grouped
