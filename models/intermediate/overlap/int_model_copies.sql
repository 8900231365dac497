{% set links_found -%}
pairs as (
    select * from {{ ref('int_overlaps_united') }}
),

downloads as (
    select * from {{ ref('int_downloads_latest') }}
),

traits as (
    select * from {{ ref('int_model_traits') }}
),

copy_links as (
    select * from {{ ref('int_model_copy_links') }}
),

-- All that one rule links are copies of each other, so one link per model and rule holds its group together.
-- Ids have no blanks, so the two parts of a name of a study's model cannot be mistaken for others.
links as (
    select
        concat(study_id, ' ', derived_key) as child_key,
        concat(study_id, ' ', min(other_key)) as parent_key
    from copy_links
    group by study_id, derived_key, is_by_weights
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
)
{%- endset %}

with recursive

{{ links_found }},

{{ reachable_pairs('reached', 'links_both_ways', links_found) }},

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

linked_models as (
    select distinct
        study_id,
        derived_key
    from copy_links
),

-- Everything in a group reaches all of it, itself too, so all members agree on the one that speaks for it.
members as (
    select distinct
        one.study_id,
        one.derived_key,
        other.derived_key as member_key
    from reached
    inner join linked_models as one
        on reached.descendant_key = concat(one.study_id, ' ', one.derived_key)
    inner join linked_models as other
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
