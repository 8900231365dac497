"""Which observation of a model is the newest: one order, that of ``metadata_recency`` in macros/incremental.sql.

An imported list knows less of a model than the Hub does, so that it is older than anything that was
read from the Hub. Otherwise the time of the observation counts, and then the run.
"""

from typing import Final

NEWEST_FIRST: Final = "extract_runs.source = 'import', hub_models.observed_at desc, hub_models.run_id desc"
"""What ``order by`` takes where raw.hub_models and raw.extract_runs are joined."""

IS_NEWEST: Final = f"row_number() over (partition by lower(hub_models.model_id) order by {NEWEST_FIRST}) = 1"
"""What ``qualify`` takes, to keep the newest observation of every model."""
