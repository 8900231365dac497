with recursive

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

-- Ids have no blanks, so the two parts of a name of a study's model cannot be mistaken for others.
links as (
    select
        concat(study_id, ' ', derived_key) as child_key,
        concat(study_id, ' ', min(other_key)) as parent_key
    from copies
    group by study_id, derived_key
    union
    select
        concat(study_id, ' ', derived_key) as child_key,
        concat(study_id, ' ', min(other_key)) as parent_key
    from identical
    group by study_id, derived_key
),

-- The same bytes may answer otherwise (with another tokenizer), so a model can be a copy of a copy by the other rule.
links_both_ways as (
    select
        child_key,
        parent_key
    from links
    union
    select
        parent_key as child_key,
        child_key as parent_key
    from links
),

reached as (
    {{ reachable_pairs('reached', 'links_both_ways') }}
),

downloaded as (
    select
        pairs.study_id,
        pairs.derived_key,
        coalesce(max(pairs.derived_downloads), max(downloads.downloads), -1) as downloads
    from pairs
    left join downloads
        on {{ model_hash('pairs.derived_key') }} = downloads.model_hash
    group by pairs.study_id, pairs.derived_key
),

-- Everything in a group reaches all of it, itself too, so all members agree on the one that speaks for it.
members as (
    select distinct
        one.study_id,
        one.derived_key,
        other.derived_key as member_key
    from reached
    inner join totals as one
        on reached.descendant_key = concat(one.study_id, ' ', one.derived_key)
    inner join totals as other
        on reached.ancestor_key = concat(other.study_id, ' ', other.derived_key)
),

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
