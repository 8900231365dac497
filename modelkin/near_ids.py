"""Ids of the warehouse that are like one that it does not know."""

from collections.abc import Sequence
from typing import Final

import duckdb

NEAR_IDS: Final = 5
"""At most this many similar ids are offered for an id that the warehouse does not know."""

NEAR_SIMILARITY: Final = 0.85
"""How alike an offered id is at least, by Jaro and Winkler's measure (1 is equal), with or without its owner."""

_NEAR: Final = """
    with ids as (
        select model_id, downloads from {table}
    ),

    scored as (
        select
            model_id,
            max(downloads) as downloads,
            max(greatest(
                jaro_winkler_similarity(lower(model_id), lower($1)),
                jaro_winkler_similarity(split_part(lower(model_id), '/', -1), split_part(lower($1), '/', -1))
            )) as similarity
        from ids
        group by model_id
    )

    select model_id from scored
    where similarity >= $2
    order by round(similarity, 6) desc, downloads desc nulls last, model_id
    limit $3
"""


def near_ids(connection: duckdb.DuckDBPyConnection, tables: set[str], model_id: str) -> list[str]:
    """Return the known ids most like one that is not known, the likest and most downloaded first."""
    for table in ("marts.dim_models", "raw.hub_models"):
        if table in tables:
            found = connection.execute(_NEAR.format(table=table), [model_id, NEAR_SIMILARITY, NEAR_IDS]).fetchall()
            return [str(near) for (near,) in found]
    return []


def either(names: Sequence[str]) -> str:
    """Return names as a choice: ``a``, ``a or b``, ``a, b or c``."""
    return " or ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
