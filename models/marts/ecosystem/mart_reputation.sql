with

authors as (
    select * from {{ ref('dim_authors') }}
),

edges as (
    select * from {{ ref('fct_lineage_edges') }}
),

-- Descendants by others: building on one's own models says nothing of what others think of them.
followed as (
    select
        parent_author as author,
        count(distinct child_model_id) as n_derived_by_others,
        count(distinct child_author) as n_following_authors
    from edges
    where parent_author != child_author
    group by parent_author
),

scored as (
    select
        authors.author,
        authors.vendor_type,
        authors.country,
        authors.n_models,
        authors.downloads,
        authors.likes,
        coalesce(followed.n_derived_by_others, 0) as n_derived_by_others,
        coalesce(followed.n_following_authors, 0) as n_following_authors,
        (
            log10(1 + authors.downloads)
            + log10(1 + authors.likes)
            + log10(1 + coalesce(followed.n_derived_by_others, 0))
        ) / 3 as impact_score
    from authors
    left join followed
        on authors.author = followed.author
),

final as (
    select
        author,
        vendor_type,
        country,
        n_models,
        downloads,
        likes,
        n_derived_by_others,
        n_following_authors,
        cast(impact_score as double) as impact_score,
        -- Engines differ in the last digits of logarithms, which must not decide a rank.
        cast(row_number() over (order by round(impact_score, 9) desc, author asc) as bigint) as impact_rank
    from scored
)

select * from final
