"""Run every test on the marts and write ``stats.significance_tests``."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
import pyarrow as pa

from modelkin.errors import WarehouseError
from modelkin.stats_tables import replace_table
from modelkin.warehouse import connect
from reports.significance.judging import Row, judge
from reports.significance.outcomes import Flags, Floats
from reports.significance.pairs import RELATIONS, Labels, Pairs
from reports.significance.questions import ask
from reports.significance.questions.drafts import ACROSS_FAMILIES
from reports.significance.tables import SIGNIFICANCE_TESTS
from reports.significance.verdicts import VERDICTS

REQUIRED: Final = (
    "study_id",
    "base_model_id",
    "derived_model_id",
    "family_label",
    "relation",
    "overlap_ratio",
    "is_valid",
    "derived_downloads",
    "download_tier",
    "quality",
)
"""The columns of marts.fct_overlaps that the tests read; is_tokenizer_match, is_suspect, is_disputed and is_counted are
read where they are present."""

NO_FAMILY: Final = "no family"


@dataclass(frozen=True)
class Summary:
    """What a run did: pairs read and left out, tests done, how often each verdict, and answers over all families."""

    n_studies: int
    n_pairs: int
    n_unrelated: int
    n_uncounted: int
    n_tests: int
    n_untestable: int
    verdicts: dict[str, int]
    answers: tuple[str, ...]

    def lines(self) -> list[str]:
        """Return the summary as lines for the terminal."""
        counts = ", ".join(f"{self.verdicts.get(name, 0)} {name.replace('_', ' ')}" for name in VERDICTS[:-1])
        studies = "1 study" if self.n_studies == 1 else f"{self.n_studies} studies"
        tests = f"{self.n_tests} tests of {self.n_pairs} pairs in {studies}: {counts}"
        lines = [f"{tests}; {self.n_untestable} more cannot be done."]
        if self.n_unrelated:
            lines.append(f"{self.n_unrelated} left out, their relation being neither same nor different.")
        if self.n_uncounted:
            lines.append(f"{self.n_uncounted} left out, being suspect (dbt variable exclude_suspect_pairs).")
        return [*lines, *self.answers]


def run_tests(path: Path) -> Summary:
    """Test the pairs of the warehouse at ``path`` and replace stats.significance_tests.

    Raises WarehouseError when the marts are missing or the file cannot be written.
    """
    overlaps = read_overlaps(path)
    is_related = np.isin(_labels(overlaps, "relation").astype(str), RELATIONS)
    is_counted = _counted(overlaps)
    studies = split_studies(overlaps.filter(pa.array(is_related & is_counted)))
    rows = [row for study_id, pairs in studies.items() for row in judge(study_id, ask(pairs))]
    replace_table(path, SIGNIFICANCE_TESTS, pa.Table.from_pylist(rows, schema=SIGNIFICANCE_TESTS.schema))
    return Summary(
        n_studies=len(studies),
        n_pairs=sum(pairs.size for pairs in studies.values()),
        n_unrelated=int((~is_related).sum()),
        n_uncounted=int((is_related & ~is_counted).sum()),
        n_tests=sum(row["verdict"] != "not_testable" for row in rows),
        n_untestable=sum(int(row["effect_size"]) for row in rows if row["verdict"] == "not_testable"),
        verdicts=dict(Counter(str(row["verdict"]) for row in rows if row["verdict"] != "not_testable")),
        answers=tuple(_answers(rows)),
    )


def _answers(rows: Iterable[Row]) -> Iterable[str]:
    """Yield the answer of each study to each question over all its families, a line each."""
    for row in rows:
        if row["is_primary"] and row["family_label"] == ACROSS_FAMILIES and row["n_families"] is not None:
            yield f"{row['study_id']}: {row['verdict'].replace('_', ' ')}. {row['note']}"


def read_overlaps(path: Path) -> pa.Table:
    """Return marts.fct_overlaps in the order of its key; WarehouseError when it or a column is missing."""
    with connect(path, read_only=True) as connection:
        try:
            overlaps = connection.sql(
                "select * from marts.fct_overlaps order by study_id, base_model_id, derived_model_id"
            ).to_arrow_table()
        except duckdb.CatalogException as error:
            raise WarehouseError(f"{path} has no table marts.fct_overlaps; run `modelkin build` first.") from error
    missing = [name for name in REQUIRED if name not in overlaps.column_names]
    if missing:
        raise WarehouseError(f"marts.fct_overlaps in {path} lacks {', '.join(missing)}; run `modelkin build` again.")
    return overlaps


def _counted(overlaps: pa.Table) -> Flags:
    """Return which pairs figures over groups count; all where the marts do not say."""
    flags = _optional(overlaps, "is_counted")
    if flags is None:
        return np.ones(overlaps.num_rows, dtype=np.bool_)
    return np.array([flag is not False for flag in flags.tolist()], dtype=np.bool_)


def split_studies(overlaps: pa.Table) -> dict[str, Pairs]:
    """Return the pairs of each study."""
    study_ids = _labels(overlaps, "study_id")
    pairs = Pairs(
        families=np.array([label or NO_FAMILY for label in _labels(overlaps, "family_label").tolist()], dtype=object),
        relations=_labels(overlaps, "relation"),
        is_valid=np.array([flag is True for flag in _labels(overlaps, "is_valid").tolist()], dtype=np.bool_),
        overlaps=_numbers(overlaps, "overlap_ratio"),
        downloads=_numbers(overlaps, "derived_downloads"),
        tiers=_labels(overlaps, "download_tier"),
        qualities=_labels(overlaps, "quality"),
        is_tokenizer_match=_optional(overlaps, "is_tokenizer_match"),
        is_suspect=_optional(overlaps, "is_suspect"),
        is_disputed=_optional(overlaps, "is_disputed"),
    )
    names = sorted({str(name) for name in study_ids.tolist()})
    return {name: pairs.where(study_ids == name) for name in names}


def _labels(table: pa.Table, name: str) -> Labels:
    values = np.empty(table.num_rows, dtype=object)
    values[:] = table.column(name).to_pylist()
    return values


def _optional(table: pa.Table, name: str) -> Labels | None:
    return _labels(table, name) if name in table.column_names else None


def _numbers(table: pa.Table, name: str) -> Floats:
    values = [np.nan if value is None else float(value) for value in table.column(name).to_pylist()]
    return np.array(values, dtype=np.float64)
