"""The lineage analysis in SQL alone: bench/lineage.sql over a dump. Run as ``python -m bench.lineage_duckdb DUMP``."""

import json
import sys
from pathlib import Path
from typing import Final

import duckdb

SCRIPT: Final = Path(__file__).with_name("lineage.sql")
MEMORY_LIMIT: Final = "1GB"
DIGEST: Final = """
    select
        count(*) as n_families,
        cast(sum(n_models) as bigint) as n_members,
        cast(round(sum(downloads)) as bigint) as downloads,
        max(max_depth) as max_depth,
        list(n_models order by n_models desc)[:20] as largest,
        list(cast(round(downloads) as bigint) order by downloads desc)[:20] as most_downloaded
    from families
"""


def main() -> None:
    """Print a digest of the families as JSON."""
    with duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "preserve_insertion_order": False}) as connection:
        connection.execute("set variable dump = ?", [sys.argv[1]])
        connection.execute(SCRIPT.read_text(encoding="utf-8"))
        result = connection.execute(DIGEST)
        names = [column[0] for column in result.description]
        [row] = result.fetchall()
    print(json.dumps(dict(zip(names, row, strict=True))))


if __name__ == "__main__":
    main()
