"""Run every test on the marts and write ``stats.significance_tests``."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa

from modelkin.errors import WarehouseError
from modelkin.stats_tables import replace_table
from modelkin.warehouse import connect
from reports.significance.corrections import benjamini_hochberg, holm
from reports.significance.outcomes import CI_LEVEL, Flags, Floats
from reports.significance.pairs import RELATIONS, Labels, Pairs
from reports.significance.questions import ask
from reports.significance.questions.drafts import STUDY, Draft
from reports.significance.tables import SIGNIFICANCE_TESTS
from reports.significance.verdicts import VERDICTS, decide

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
"""The columns of marts.fct_overlaps that the tests read; is_tokenizer_match, is_suspect and is_counted are read where
they are present."""

NO_FAMILY: Final = "no family"


@dataclass(frozen=True)
class Summary:
    """What a run did: pairs read and left out, tests written, and how often each verdict."""

    n_studies: int
    n_pairs: int
    n_unrelated: int
    n_uncounted: int
    n_tests: int
    verdicts: dict[str, int]

    def lines(self) -> list[str]:
        """Return the summary as lines for the terminal."""
        counts = ", ".join(f"{self.verdicts.get(name, 0)} {name.replace('_', ' ')}" for name in VERDICTS)
        studies = "1 study" if self.n_studies == 1 else f"{self.n_studies} studies"
        lines = [f"{self.n_tests} tests of {self.n_pairs} pairs in {studies}: {counts}."]
        if self.n_unrelated:
            lines.append(f"{self.n_unrelated} left out, their relation being neither same nor different.")
        if self.n_uncounted:
            lines.append(f"{self.n_uncounted} left out, being suspect (dbt variable exclude_suspect_pairs).")
        return lines


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
        n_tests=len(rows),
        verdicts=dict(Counter(str(row["verdict"]) for row in rows)),
    )


def read_overlaps(path: Path) -> pa.Table:
    """Return marts.fct_overlaps in the order of its key; WarehouseError when it or a column is missing."""
    with connect(path, read_only=True) as connection:
        try:
            overlaps = connection.sql(
                "select * from marts.fct_overlaps order by study_id, base_model_id, derived_model_id"
            ).to_arrow_table()
        except duckdb.CatalogException as error:
            raise WarehouseError(f"{path} has no table marts.fct_overlaps; run `dbt build` first.") from error
    missing = [name for name in REQUIRED if name not in overlaps.column_names]
    if missing:
        raise WarehouseError(f"marts.fct_overlaps in {path} lacks {', '.join(missing)}; run `dbt build` again.")
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


def judge(study_id: str, drafts: Sequence[Draft]) -> list[dict[str, Any]]:
    """Correct the p values of one study's drafts and return its rows with their verdicts."""
    families = [
        (draft.correction_family, draft.family_label if draft.correction_family != STUDY else "") for draft in drafts
    ]
    by_holm: list[float | None] = [None] * len(drafts)
    by_bh: list[float | None] = [None] * len(drafts)
    for family in dict.fromkeys(families):
        places = [place for place, name in enumerate(families) if name == family]
        p_values = [drafts[place].outcome.p_value for place in places]
        for place, p_holm, p_bh in zip(places, holm(p_values), benjamini_hochberg(p_values), strict=True):
            by_holm[place], by_bh[place] = p_holm, p_bh
    return [_row(study_id, draft, p_holm, p_bh) for draft, p_holm, p_bh in zip(drafts, by_holm, by_bh, strict=True)]


def _row(study_id: str, draft: Draft, p_holm: float | None, p_bh: float | None) -> dict[str, Any]:
    effect, outcome = draft.effect, draft.outcome
    verdict = decide(
        draft.rule,
        effect=effect,
        p_value=outcome.p_value,
        p_holm=p_holm,
        n_a=draft.n_a,
        n_b=draft.n_b,
        why_not=draft.why_not,
    )
    has_interval = effect.ci_low is not None or effect.ci_high is not None
    return {
        "study_id": study_id,
        "family_label": draft.family_label,
        "test_id": draft.test_id,
        "question": draft.question,
        "scope": draft.scope,
        "group_a": draft.group_a,
        "group_b": draft.group_b,
        "test_name": outcome.test_name,
        "statistic": outcome.statistic,
        "p_value": outcome.p_value,
        "p_holm": p_holm,
        "p_bh": p_bh,
        "correction_family": draft.correction_family if outcome.p_value is not None else None,
        "effect_name": effect.effect_name,
        "effect_size": effect.value,
        "ci_low": effect.ci_low,
        "ci_high": effect.ci_high,
        "ci_level": CI_LEVEL if has_interval else None,
        "ci_method": effect.method if has_interval else None,
        "n_a": draft.n_a,
        "n_b": draft.n_b,
        "verdict": verdict.verdict,
        "note": f"{draft.fact} {verdict.reason}",
    }
