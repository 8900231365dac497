{%- set are_alike = are_one_size('one.params', 'other.params', 'one.max_params', 'other.max_params') -%}

with

witnesses as (
    select * from {{ ref('int_size_witnesses') }}
),

compared as (
    select
        one.model_hash,
        one.place,
        other.place as other_place,
        {{ are_alike }} as are_alike
    from witnesses as one
    inner join witnesses as other
        on
            one.model_hash = other.model_hash
            and one.place != other.place
),

supported as (
    select
        model_hash,
        place,
        sum(case when are_alike then 1 else 0 end) as n_for
    from compared
    group by model_hash, place
),

opposed as (
    select
        compared.model_hash,
        compared.place,
        max(supported.n_for) as n_for
    from compared
    inner join supported
        on
            compared.model_hash = supported.model_hash
            and compared.other_place = supported.place
    where not compared.are_alike
    group by compared.model_hash, compared.place
),

-- What a witness says holds where more witnesses agree with it than with any that it contradicts.
judged as (
    select
        witnesses.model_hash,
        witnesses.place,
        witnesses.source,
        witnesses.params,
        opposed.model_hash is not null as is_opposed,
        witnesses.source != 'name' and coalesce(supported.n_for, 0) > coalesce(opposed.n_for, -1) as is_settled
    from witnesses
    left join supported
        on
            witnesses.model_hash = supported.model_hash
            and witnesses.place = supported.place
    left join opposed
        on
            witnesses.model_hash = opposed.model_hash
            and witnesses.place = opposed.place
),

-- All that are settled agree with one another, so the first of them speaks.
sized as (
    select
        model_hash,
        max(case when is_opposed then 1 else 0 end) = 1 as is_disputed,
        cast(round(min_by(params, place) filter (where is_settled)) as bigint) as parameter_count,
        min_by(source, place) filter (where is_settled) as taken_from
    from judged
    group by model_hash
)

select * from sized
