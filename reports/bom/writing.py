"""Reading what a bill of materials needs, and making it."""

from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Final
from uuid import uuid4

import duckdb

from modelkin.answer.reading import answer_of
from modelkin.database import connect
from reports.bom.document import Facts, bill_of_materials, wanted

_FACTS: Final = """
    select
        model_id, sha, license, pipeline_tag, library_name, architecture, parameter_count::varchar, downloads::varchar
    from marts.dim_models where lower(model_id) in (select lower(unnest($1::varchar[])))
"""
_PROPERTIES: Final = ("task", "library", "architecture", "parameters", "downloadsIn30Days")


def model_bom(path: Path, model_id: str, *, random_serial: bool = False) -> str:
    """Return the bill of materials of a model of the warehouse at ``path``, as JSON text.

    Raises UsageError for a model that it does not know.
    """
    answer = answer_of(path, model_id)
    with connect(path, read_only=True) as connection:
        facts = _facts(connection, wanted(answer))
    return bill_of_materials(answer, facts, metadata.version("modelkin"), uuid4() if random_serial else None)


def _facts(connection: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> Mapping[str, Facts]:
    found = {}
    for model_id, sha, license_, *values in connection.execute(_FACTS, [list(ids)]).fetchall():
        properties = tuple((name, value) for name, value in zip(_PROPERTIES, values, strict=True) if value is not None)
        found[model_id.lower()] = Facts(model_id, sha, license_, properties)
    return found
