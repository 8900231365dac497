with

targets as (
    select * from {{ ref('int_lineage_targets_judged') }}
),

open_set as (
    select * from {{ ref('int_lineage_open_set_judged') }}
),

separated as (
    select * from {{ ref('int_lineage_family_separated') }}
),

-- Metric, what it counts, what of that is right, and the models that are asked.
{%- set metrics = [
    ('top_1', '1', 'case when parent_place <= 1 then 1 else 0 end', 'has_parent'),
    ('top_5', '1', 'case when parent_place <= 5 then 1 else 0 end', 'has_parent'),
    ('top_1_pairs', 'n_parents', 'n_parents_first', 'has_parent'),
    ('top_5_pairs', 'n_parents', 'n_parents_in_five', 'has_parent'),
    ('family_hit', '1', 'case when is_family_hit then 1 else 0 end', 'has_family'),
    ('accept_recall', '1', 'case when n_parents_accepted > 0 then 1 else 0 end', 'has_parent'),
    ('accept_precision', 'n_accepted', 'n_parents_accepted', 'has_parent'),
    ('accept_precision_open', 'n_accepted', 'n_parents_accepted', 'is_in_lineage'),
] %}

of_targets as (
    {% for metric, counted, right, asked in metrics %}
        {% if not loop.first %}union all{% endif %}
        select
            study_id,
            pair_set,
            method,
            split,
            relation_type,
            '{{ metric }}' as metric,
            sum({{ counted }}) as n,
            sum({{ right }}) as n_right
        from targets
        where {{ asked }}
        group by study_id, pair_set, method, split, relation_type
    {% endfor %}
),

open_answers as (
    {% for metric in ['open_set_presence', 'open_set_answer'] %}
        {% for split in ["'all'", 'half'] %}
            {% if not (loop.first and metric == 'open_set_presence') %}union all{% endif %}
            select
                study_id,
                pair_set,
                method,
                {{ split }} as split,
                '{{ metric }}' as metric,
                {{ metric | replace('open_set', 'is') }}_right as is_right
            from open_set
        {% endfor %}
    {% endfor %}
),

counted as (
    select * from of_targets
    where n > 0
    union all
    select
        study_id,
        pair_set,
        method,
        split,
        'any' as relation_type,
        metric,
        count(*) as n,
        sum(case when is_right then 1 else 0 end) as n_right
    from open_answers
    group by study_id, pair_set, method, split, metric
    union all
    select
        study_id,
        pair_set,
        method,
        split,
        relation_type,
        'tpr_at_low_fpr' as metric,
        n_same as n,
        tp_at_bound as n_right
    from separated
)

select * from counted
