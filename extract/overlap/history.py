"""What was measured before, in the spool or in the warehouse, and so is not measured again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from extract.overlap.options import Options
from extract.overlap.pieces import Pieces
from extract.overlap.reasons import DOUBTFUL, Failure, MeasurementFailed
from extract.overlap.recipe import PromptSet, Recipe
from extract.overlap.targets import Target
from modelkin.warehouse import connect, ensure_raw

_LOADED: Final = """
    select lower(fingerprints.model_id), fingerprints.sha, fingerprints.prompt_set_id, max(fingerprints.status),
        max(fingerprints.failure_reason), max(fingerprints.dtype), max(fingerprints.memory_limit_bytes),
        max(fingerprints.weights_bytes), max(fingerprints.n_runs)
    from raw.fingerprints
    inner join raw.extract_runs
        on fingerprints.run_id = extract_runs.run_id
    where extract_runs.status = 'complete'
    group by lower(fingerprints.model_id), fingerprints.sha, fingerprints.prompt_set_id, fingerprints.run_id,
        extract_runs.started_at
    order by extract_runs.started_at, fingerprints.run_id
"""

_PROMPTS: Final = """
    select overlap_prompts.* replace (cast(recipe as varchar) as recipe)
    from raw.overlap_prompts
    inner join raw.extract_runs
        on overlap_prompts.run_id = extract_runs.run_id
    where extract_runs.status = 'complete'
    qualify dense_rank() over (
        partition by prompt_set_id order by extract_runs.started_at desc, overlap_prompts.run_id desc
    ) = 1
    order by extract_runs.started_at, overlap_prompts.run_id, prompt_set_id, prompt_index
"""


@dataclass(frozen=True)
class _Outcome:
    """What came of a model on a prompt set: its failure, None where it was measured, and the type of its arithmetic."""

    failure: Failure | None
    dtype: str | None


@dataclass
class History:
    """What is known for the options of one run, before and while it measures."""

    options: Options
    pieces: Pieces
    memory: Callable[[], int | None] = lambda: None
    """How many bytes one model may take in this run, None where there is no limit."""
    _loaded: dict[tuple[str, str | None, str], _Outcome] = field(default_factory=dict)
    """(model, commit, prompt set) to the outcome of the latest complete run."""
    _stored_prompts: dict[str, PromptSet] = field(default_factory=dict)
    """Prompt sets in the warehouse, by the digest of their recipe."""
    _current_prompts: dict[tuple[str, str], str] = field(default_factory=dict)
    """(study, base) to the prompt set that was loaded last."""

    def read(self, path: Path) -> None:
        """Learn what the warehouse at ``path`` holds; nothing where there is none yet."""
        if not path.exists():
            return
        with connect(path) as connection:
            ensure_raw(connection)
            for key, sha, prompt_set_id, status, reason, dtype, *had in connection.execute(_LOADED).fetchall():
                failure = _failure(reason, *had) if status != "ok" else None
                self._loaded[key, sha, prompt_set_id] = _Outcome(failure, dtype)
            prompts = connection.sql(_PROMPTS).to_arrow_table()
        by_set: dict[str, list[dict[str, Any]]] = {}
        for row in prompts.to_pylist():
            by_set.setdefault(row["prompt_set_id"], []).append(row)
        for rows in by_set.values():
            prompt_set = PromptSet.from_table(pa.Table.from_pylist(rows))
            self._stored_prompts[prompt_set.recipe.digest] = prompt_set
            self._current_prompts[_base_of(prompt_set)] = prompt_set.prompt_set_id

    def recipe(self, base: Target) -> Recipe:
        """Return the recipe by which a base writes its prompts."""
        return Recipe(
            base_model_id=base.model_id,
            base_sha=str(base.sha),
            study_id=self.options.study_id,
            bottom_k=self.options.bottom_k,
            prompt_count=self.options.prompts,
            seed=self.options.seed,
            dtype=self.options.dtype,
        )

    def prompts(self, base: Target) -> PromptSet | None:
        """Return a base's prompt set where it is known together with the base's own answers to it."""
        digest = self.recipe(base).digest
        found = self.pieces.find_prompt_set(digest)
        if found is None and (stored := self._stored_prompts.get(digest)) is not None:
            self.pieces.put_prompt_set(stored)
            found = stored
        if found is None or self._outcome(base, found.prompt_set_id) is None:
            return None
        return found

    def is_done(self, target: Target, prompt_set_id: str) -> bool:
        """Return whether a model needs no measuring on a prompt set: it was measured, or would fail again."""
        outcome = self._outcome(target, prompt_set_id)
        return outcome is not None and (outcome.failure is None or self._is_final(outcome.failure))

    def has_failed(self, target: Target, prompt_set_id: str) -> bool:
        """Return whether an earlier try to measure a model on a prompt set has failed."""
        return self.reason(target, prompt_set_id) is not None

    def reason(self, target: Target, prompt_set_id: str) -> str | None:
        """Return why a model could not be measured on a prompt set; None where it was, or was not tried."""
        outcome = self._outcome(target, prompt_set_id)
        return outcome.failure.reason if outcome is not None and outcome.failure is not None else None

    def no_prompts(self, base: Target) -> MeasurementFailed | None:
        """Return why a base model writes no prompts, where it was tried and would fail again."""
        found = self.pieces.no_prompts(self.recipe(base).digest)
        if found is None or not self._is_final(found[0]):
            return None
        return MeasurementFailed(found[0].reason, found[1])

    def keep_no_prompts(self, base: Target, failed: MeasurementFailed, weights_bytes: int | None) -> None:
        """Keep that a base model wrote no prompts in this run."""
        digest = self.recipe(base).digest
        before = self.pieces.no_prompts(digest)
        failure = self._following(failed, weights_bytes, before[0] if before is not None else None)
        self.pieces.put_no_prompts(digest, failure, failed.detail)

    def keep_failure(
        self,
        target: Target,
        prompt_set_id: str,
        failed: MeasurementFailed,
        weights_bytes: int | None,
        weights_digest: str | None,
    ) -> None:
        """Keep that a model could not be measured on a prompt set in this run."""
        before = self._outcome(target, prompt_set_id)
        self.pieces.put_failed(
            target.model_id,
            target.sha,
            prompt_set_id,
            self.options.dtype,
            failure=self._following(failed, weights_bytes, before.failure if before is not None else None),
            detail=failed.detail,
            weights_digest=weights_digest,
        )

    def _following(self, failed: MeasurementFailed, weights_bytes: int | None, before: Failure | None) -> Failure:
        """Return what is kept of a failure of this run, after the one ``before``."""
        if failed.reason == "out_of_memory":
            return Failure(failed.reason, self.memory(), weights_bytes)
        is_again = failed.reason in DOUBTFUL and before is not None and before.reason == failed.reason
        return Failure(failed.reason, n_runs=before.n_runs + 1 if before is not None and is_again else 1)

    def _is_final(self, failure: Failure) -> bool:
        return failure.is_final(self.options.retry, self.memory)

    def unloaded(self, target: Target, prompt_set_id: str) -> pa.Table | None:
        """Return the rows of a model that the spool holds and the warehouse does not."""
        piece = self.pieces.fingerprint(target.model_id, target.sha, prompt_set_id, self.options.dtype)
        if piece is None:
            return None
        return piece if self._loaded.get((target.key, target.sha, prompt_set_id)) != _outcome_of(piece) else None

    def is_current(self, prompt_set: PromptSet) -> bool:
        """Return whether the warehouse's newest prompt set of this base and study is this one."""
        return self._current_prompts.get(_base_of(prompt_set)) == prompt_set.prompt_set_id

    def _outcome(self, target: Target, prompt_set_id: str) -> _Outcome | None:
        """Return what came of a model before, or None."""
        piece = self.pieces.fingerprint(target.model_id, target.sha, prompt_set_id, self.options.dtype)
        if piece is not None:
            return _outcome_of(piece)
        loaded = self._loaded.get((target.key, target.sha, prompt_set_id))
        wanted = "float32" if self.options.dtype == "auto" else self.options.dtype
        if loaded is None or (loaded.failure is None and wanted not in {loaded.dtype, "own"}):
            return None
        return loaded


def _outcome_of(piece: pa.Table) -> _Outcome:
    """Return what the rows of one model on one prompt set tell; older pieces have fewer columns."""
    row = piece.slice(0, 1).to_pylist()[0]
    if row["status"] == "ok":
        return _Outcome(None, row["dtype"])
    had = (row.get(name) for name in ("memory_limit_bytes", "weights_bytes", "n_runs"))
    return _Outcome(_failure(row["failure_reason"], *had), row["dtype"])


def _failure(reason: str, memory_limit_bytes: int | None, weights_bytes: int | None, n_runs: int | None) -> Failure:
    return Failure(reason, memory_limit_bytes, weights_bytes, n_runs or 1)


def _base_of(prompt_set: PromptSet) -> tuple[str, str]:
    return prompt_set.recipe.study_id, prompt_set.recipe.base_model_id.lower()
