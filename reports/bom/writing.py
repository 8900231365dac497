"""Reading what a bill of materials needs, and making it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Final
from uuid import uuid4

import duckdb

from modelkin.answer.reading import answer_of
from modelkin.builds import tables_in
from modelkin.database import connect
from reports.bom.document import Facts, bill_of_materials, wanted

_FACTS: Final = """
    select
        model_id, sha, license, pipeline_tag, library_name, architecture, parameter_count::varchar, downloads::varchar
    from marts.dim_models where lower(model_id) in (select lower(unnest($1::varchar[])))
"""
_SPDX_IDS: Final = "select license, spdx_id from marts.dim_licenses where spdx_id is not null"
_DUTIES: Final = """
    select model_id, is_notice_owed, is_attribution_owed, is_same_license_owed, is_use_restricted,
        is_commercial_use_forbidden, naming_owed
    from marts.mart_license_verdicts where lower(model_id) = lower(?)
"""
_FILES: Final = """
    select file_name, file_digest
    from raw.weight_files
    inner join raw.extract_runs
        on weight_files.run_id = extract_runs.run_id
    where extract_runs.status = 'complete' and lower(model_id) = lower($1) and sha = $2 and file_digest is not null
    qualify row_number() over (partition by file_name order by started_at desc, weight_files.run_id desc) = 1
    order by file_name
"""
_RAW: Final = {"raw.weight_files", "raw.extract_runs"}
_DUTY_NAMES: Final = ("passOnNotice", "attribution", "sameLicence", "useRestrictions", "noCommercialUse")
_PROPERTIES: Final = ("task", "library", "architecture", "parameters", "downloadsIn30Days")


def model_bom(path: Path, model_id: str, *, random_serial: bool = False) -> str:
    """Return the bill of materials of a model of the warehouse at ``path``, as JSON text.

    Raises UsageError for a model that it does not know.
    """
    answer = answer_of(path, model_id)
    with connect(path, read_only=True) as connection:
        facts = _facts(connection, wanted(answer))
        own = answer.model_id.lower()
        duties = _duties(connection, answer.model_id)
        files = _files(connection, facts[own])
        facts[own] = replace(facts[own], properties=(*facts[own].properties, *duties), files=files)
    return bill_of_materials(answer, facts, metadata.version("modelkin"), uuid4() if random_serial else None)


def _facts(connection: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> dict[str, Facts]:
    spdx_ids = dict(connection.execute(_SPDX_IDS).fetchall())
    found = {}
    for model_id, sha, license_, *values in connection.execute(_FACTS, [list(ids)]).fetchall():
        properties = tuple((name, value) for name, value in zip(_PROPERTIES, values, strict=True) if value is not None)
        found[model_id.lower()] = Facts(model_id, sha, license_, spdx_ids, properties)
    return found


def _files(connection: duckdb.DuckDBPyConnection, facts: Facts) -> tuple[tuple[str, str], ...]:
    """Return the weight files of the commit that the document is of, each with its SHA-256 as the Hub states it."""
    if not tables_in(connection) >= _RAW:
        return ()
    rows = connection.execute(_FILES, [facts.model_id, facts.sha]).fetchall()
    return tuple((name, digest.lower()) for name, digest in rows)


def _duties(connection: duckdb.DuckDBPyConnection, model_id: str) -> Iterator[tuple[str, str]]:
    """Yield what the licences of its declared ancestors ask of a model, as properties; nothing that is not known."""
    for _, *flags, naming in connection.execute(_DUTIES, [model_id]).fetchall():
        yield from (("licenceDuty", name) for name, is_owed in zip(_DUTY_NAMES, flags, strict=True) if is_owed)
        if naming is not None:
            yield ("licenceDuty", f"naming: {naming}")
