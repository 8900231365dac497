"""Read who came and went from the marts, and write ``stats.survival``."""

from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from modelkin.builds import tables_in
from modelkin.database import connect
from modelkin.stats_tables import StatsTable, replace_table
from reports.survival.curves import survival_at

REQUIRED: Final = frozenset(
    {"marts.dim_models", "marts.fct_hub_events", "marts.fct_lineage_edges", "marts.bridge_model_roots"}
)

SURVIVAL: Final = StatsTable(
    "survival",
    "How long models and families stay on the Hub, and how long a base model waits for its first derivative: "
    "Kaplan-Meier estimates. One row per subject and number of days, up to the longest that any was followed. Models "
    "of which nothing was seen to happen count for as long as they were followed.",
    pa.schema(
        [
            pa.field("subject", pa.string(), nullable=False),
            pa.field("days", pa.int64(), nullable=False),
            pa.field("n", pa.int64(), nullable=False),
            pa.field("n_events", pa.int64(), nullable=False),
            pa.field("n_at_risk", pa.int64(), nullable=False),
            pa.field("survival", pa.float64(), nullable=False),
            pa.field("ci_low", pa.float64()),
            pa.field("ci_high", pa.float64()),
        ]
    ),
    {
        "subject": "model or family: from the first day of observation until it (or every member) is missing from "
        "whole dumps for good. first_derivative, first_finetune, first_quantized, first_adapter, first_merge: from the "
        "creation of a base model to that of its first child of this kind.",
        "days": "Days since the start.",
        "n": "Models or families followed.",
        "n_events": "To how many of them it has happened.",
        "n_at_risk": "How many were followed for at least this number of days without it.",
        "survival": "Estimated share to which it has not happened by then.",
        "ci_low": "Lower end of its 95 % interval (Greenwood, log-log); null where nothing or everything has happened.",
        "ci_high": "Upper end of the interval.",
    },
)

_STAYS: Final = """
    with gone as (
        select model_id, max(noticed_on) as noticed_on, max(previous_observed_on) as last_seen_on
        from marts.fct_hub_events where event = 'deleted' group by model_id
    ),
    stays as (
        select models.model_id, models.first_observed_on as first_on,
            coalesce(gone.noticed_on, models.last_observed_on) as last_on, gone.model_id is not null as is_gone
        from marts.dim_models as models
        -- One that returned was away, and is not gone.
        left join gone on models.model_id = gone.model_id and models.last_observed_on <= gone.last_seen_on
        where models.first_observed_on is not null
    )
"""
_MODELS: Final = f"{_STAYS} select date_diff('day', first_on, last_on), is_gone from stays order by all"  # noqa: S608
_FAMILIES: Final = f"""{_STAYS},
    members as (
        select root_model_id, model_id from marts.bridge_model_roots
        union
        select root_model_id, root_model_id from marts.bridge_model_roots
    )
    select date_diff('day', min(first_on), max(last_on)), bool_and(is_gone)
    from members inner join stays using (model_id) group by root_model_id order by all
"""  # noqa: S608
_FIRST: Final = """
    with edges as (
        select edges.parent_model_id as model_id, min(children.created_at) as first_at
        from marts.fct_lineage_edges as edges
        inner join marts.dim_models as children on edges.child_model_id = children.model_id
        where $1 in ('derivative', edges.relation) and not children.is_created_at_floored
        group by all
    ),
    ends as (select cast(max(last_observed_on) as timestamp) as end_at from marts.dim_models)
    select date_diff('second', bases.created_at, coalesce(edges.first_at, ends.end_at)) / 86400.0,
        edges.first_at is not null
    from marts.dim_models as bases
    cross join ends
    left join edges on bases.model_id = edges.model_id
    where bases.model_type = 'base' and bases.is_observed and not bases.is_created_at_floored
        and coalesce(edges.first_at, ends.end_at) >= bases.created_at
    order by all
"""
"""A child that is older than its base, and a base created after the last observation, tell nothing and are left out."""
FIRSTS: Final = ("derivative", "finetune", "quantized", "adapter", "merge")


def write_survival(path: Path) -> list[str]:
    """Write ``stats.survival`` from the marts at ``path``; return the line that says so, none without the marts."""
    with connect(path, read_only=True) as connection:
        if not tables_in(connection) >= REQUIRED:
            return []
        found = {
            "model": connection.execute(_MODELS).fetchnumpy(),
            "family": connection.execute(_FAMILIES).fetchnumpy(),
            **{f"first_{kind}": connection.execute(_FIRST, [kind]).fetchnumpy() for kind in FIRSTS},
        }
    rows = []
    for subject, columns in found.items():
        durations, has_happened = columns.values()
        is_event = np.asarray(has_happened, dtype=bool)
        rows += [
            {"subject": subject, "n": len(durations), "n_events": int(is_event.sum()), **vars(point)}
            for point in survival_at(np.asarray(durations, dtype=float), is_event)
        ]
    replace_table(path, SURVIVAL, pa.Table.from_pylist(rows, SURVIVAL.schema))
    return [f"Survival: {len(rows)} points of {len(found)} curves in stats.survival."]
